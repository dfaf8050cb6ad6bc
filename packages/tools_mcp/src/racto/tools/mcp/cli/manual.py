"""What ``--help`` teaches: words and examples, each of which works as it is typed."""

from __future__ import annotations

from typing import Final

ABOUT: Final = "Talk to any server of the Model Context Protocol, or be one."

FIRST_STEPS: Final = """\
a server to try things on (it needs nothing but this package):
  racto-mcp list -- racto-mcp serve --demo
  racto-mcp call add a=1 b=2 -- racto-mcp serve --demo
  racto-mcp inspect -- racto-mcp serve --demo

a server is named by one of:
  http://127.0.0.1:8000/mcp            a URL (one that ends in /sse is the older transport)
  -- python server.py --flag           a command line after --, which starts it
  --config mcp.json --server NAME      an entry of "mcpServers" in a file

exit codes:
  0    done
  1    inspect --strict has findings
  2    the command line, a file or an argument is wrong; nothing was sent
  3    the server cannot be reached, or wants other credentials, or broke off
  4    the tool failed, was refused, or did not answer in time
  130  interrupted; a running call was cancelled at the server

Results go to standard output; all else, errors in one line too, to standard error.
"""

LIST: Final = """\
examples:
  racto-mcp list -- racto-mcp serve --demo
  racto-mcp list --all -- racto-mcp serve --demo
  racto-mcp list --json -- racto-mcp serve --demo

--json prints one object: server {name, version, title, protocol, instructions, capabilities},
tools [{name, title, description, annotations, input_schema, output_schema}],
resources [{uri, name, title, description, mime_type, size}],
resource_templates [{uri_template, name, title, description, mime_type}],
prompts [{name, title, description, arguments [{name, description, required}]}].
"""

CALL: Final = """\
arguments:
  key=value     of the type that the tool's schema gives it: text, number, yes or no, JSON;
                given twice, a list
  key:=JSON     JSON, whatever the schema says
  key=@file     what a file holds; a value that begins with @ is written @@
  --args JSON   all of them at once; @file reads them from a file, - from standard input
They are checked against the schema before anything is sent.

examples:
  racto-mcp call add a=1 b=2 -- racto-mcp serve --demo
  racto-mcp call add --args '{"a": 1, "b": 2}' -- racto-mcp serve --demo
  echo '{"a": 1, "b": 2}' | racto-mcp call add --args - -- racto-mcp serve --demo
  racto-mcp call count to=3 --json --progress -- racto-mcp serve --demo
  racto-mcp call picture --save pictures -- racto-mcp serve --demo

A text that the tool answers goes to standard output; pictures, sounds and documents are
described in a line, or saved. A tool that fails: its words on standard error, exit code 4.

--json prints one object: tool, is_error, content (all texts), parts, structured, meta, seconds.
Parts are {type: text, text}, {type: link, uri, name, description, mime_type, size}, or
{type: image | audio | document, mime_type, name, size} with data (base64) or path (--save).
--json --progress prints lines: {type: progress, done, total, message} while the tool works, and
last {type: result} with the fields above.
"""

READ: Final = """\
examples:
  racto-mcp read demo://poem -- racto-mcp serve --demo
  racto-mcp read demo://square/12 --json -- racto-mcp serve --demo

--json prints one object: uri, and parts as "racto-mcp call --help" describes them.
"""

PROMPT: Final = """\
examples:
  racto-mcp prompt summary topic=tides -- racto-mcp serve --demo
  racto-mcp prompt summary topic=tides --json -- racto-mcp serve --demo

--json prints one object: prompt, messages [{role, parts}]; see "racto-mcp call --help" for parts.
"""

INSPECT: Final = """\
Without names it shows everything; with names, of the tools only those.

examples:
  racto-mcp inspect -- racto-mcp serve --demo
  racto-mcp inspect add -- racto-mcp serve --demo
  racto-mcp inspect --strict --ignore no-annotations -- racto-mcp serve --demo
  racto-mcp inspect --json -- racto-mcp serve --demo

--json prints one object: server, target, transport, seconds {open, round_trip}, tools,
resources, resource_templates and prompts as "racto-mcp list --help" describes them, and
findings [{kind, subject, message}].
"""

SERVE: Final = """\
MODULE:ATTRIBUTE is a ToolRegistry, a RactoMCPServer, a function, a list of functions, or a
module with @tool functions; without :ATTRIBUTE it is the module's server, registry or tools, or
its @tool functions. The working directory is looked in first; a path to a .py file does as well.

examples:
  echo 'def greet(name: str) -> str: "Greet."; return f"Hello {name}"' > mytools.py
  racto-mcp call greet name=Ann -- racto-mcp serve mytools:greet
  racto-mcp serve mytools:greet --transport streamable-http --port 8000
  racto-mcp call http://127.0.0.1:8000/mcp greet name=Ann

It listens on this machine only. To serve others, give it a token, and the name it is known by:
  TOKEN=... racto-mcp serve mytools:greet --transport streamable-http \\
      --host 0.0.0.0 --allow-host tools.example.com --token-env TOKEN

Over stdio nothing but the protocol goes to standard output; what the module prints goes to
standard error. Exit codes: 0 the client left or Ctrl-C, 2 it could not begin.
"""
