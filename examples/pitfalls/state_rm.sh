terraform state rm 'seam_user_identity_acs_user.person["8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"]'
