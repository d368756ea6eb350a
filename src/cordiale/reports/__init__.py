"""The reports room: drafts, cases, tasks, threads, grades. It returns payloads; it cannot send."""

from cordiale.reports import assess, case, draft, grade, sanitise, tables, task, thread

__all__ = ["assess", "case", "draft", "grade", "sanitise", "tables", "task", "thread"]
