"""Zhao, Wen and Han (ICCV 2023): mixtures whose classes are split and merged by their evidence."""
