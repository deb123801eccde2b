import {
  to = seam_user_identity.jane
  identity = {
    user_identity_id = "4a2d1c5e-6b0f-4c5d-9d5e-0f6a1b2c3d4e"
  }
}
