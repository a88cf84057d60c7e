"""Programs that judge the lifting networks alone, on 2D poses of real people."""
