"""What an author of assignments needs: handouts from references, and proof that they hold."""
