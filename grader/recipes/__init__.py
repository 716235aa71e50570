"""The numbers of a lesson, by what is to be learned: recipes, tolerances, expectations."""
