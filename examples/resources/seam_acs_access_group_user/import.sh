# The import ID is <acs_access_group_id>/<acs_user_id>.
terraform import seam_acs_access_group_user.jane 6e7f8a9b-0c1d-4e2f-9a3b-4c5d6e7f8a9b/3c6d9e2f-5a7b-4c1d-8e9f-2a3b4c5d6e7f
