"""The subcommands of `semblance`: each module has `add_to(commands)`, listed in tools/cli.py."""
