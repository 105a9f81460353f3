"""Mini-Monkey: objects cut by one grid and by two, shared cut lines, token counts."""
