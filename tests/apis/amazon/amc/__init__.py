"""Marketing Cloud over HTTP, every reply judged by the published specifications."""
