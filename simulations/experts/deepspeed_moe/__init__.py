"""DeepSpeed-MoE: sizes, inference table, schedules, dispatch, costs and averages as printed."""
