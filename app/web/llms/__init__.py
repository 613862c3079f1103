"""`/llms.txt` and `/llms-full.txt`: what the service is and how it is asked, in Markdown for language models.

After llmstxt.org: the first is a short page of links, the second the whole reference in one file. Both are made from
the OpenAPI document alone.
"""

from app.web.llms.doors import full, index

__all__ = ["full", "index"]
