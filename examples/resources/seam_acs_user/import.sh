# The import ID is the acs_user_id.
terraform import seam_acs_user.jane 3c6d9e2f-5a7b-4c1d-8e9f-2a3b4c5d6e7f
