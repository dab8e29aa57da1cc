"""`tacit play`: plays scenario files and judges what Tacit does. The format is described in bot/sandbox/README.md."""
