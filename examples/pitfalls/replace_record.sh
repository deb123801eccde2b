terraform apply -replace='seam_acs_user.person["nina"]'
