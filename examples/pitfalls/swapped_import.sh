# Do not do this: the ID of the user identity is the first one.
terraform import seam_user_identity_acs_user.jane 8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59/4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e
