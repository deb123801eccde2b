import {
  to = seam_acs_user.jane
  identity = {
    acs_user_id = "3c6d9e2f-5a7b-4c1d-8e9f-2a3b4c5d6e7f"
  }
}
