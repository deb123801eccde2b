import {
  to = seam_acs_user.jane
  id = "8f14e45f-ceea-467f-a8b2-6f1d2c3b4a59"
}
