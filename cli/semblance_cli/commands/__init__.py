"""The subcommands of `semblance`: each module has `add_to(parser)`, and main.py lists them."""
