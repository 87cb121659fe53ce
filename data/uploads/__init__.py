"""Files that come from outside (上传): limits, a process apart, archives, trees, pictures."""
