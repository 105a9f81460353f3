"""A survey on mixture of experts: the formulas that it collects, tried one by one."""
