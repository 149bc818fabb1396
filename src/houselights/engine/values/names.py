"""What the documents of a workspace call the three things that every person or event has. Decides nothing else.

The lake calls them `key`, `time` and `type`. In a document a company's own attributes stand beside them, so they have
the names under which customer data platforms already keep them.
"""

KEY = "_id"
EVENT_TIME = "timestamp"
EVENT_TYPE = "eventType"
