"""What a teacher hands out: student and teacher copies, the site, the Colab edition, the workshop kit, the wheels."""
