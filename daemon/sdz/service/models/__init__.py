"""Models over HTTP, and the jobs that fetch them."""
