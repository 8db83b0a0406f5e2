"""The subcommands of `semblance`: each module has `add_to(commands)`; main.py lists them."""
