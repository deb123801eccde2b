# The import ID is the acs_user_id.
terraform import seam_acs_user.jane 8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59
