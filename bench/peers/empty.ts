// Nothing: how long a process takes to start and to end.
