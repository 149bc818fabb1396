"""Marketing Cloud: SQL over audience tables, its executions, and audiences made by a query."""
