module aiops.kubernetes/embedded/pause

go 1.24.0
