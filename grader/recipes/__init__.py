"""What a lesson's numbers are, by what is to be learned: recipes, tolerances, expectations."""
