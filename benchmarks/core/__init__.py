"""racto-core's costs that everybody pays: importing it, a flow's step, a streamed chunk."""
