"""How to act: a tool is one action, usable without any model. `toolbox` holds the schemas and the one error ladder."""
