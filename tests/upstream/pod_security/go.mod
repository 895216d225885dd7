// Kubernetes' own Pod Security policy, for the fixtures of its tests. test_pod_security.py downloads it; nothing is built.
module aiops.kubernetes/tests/pod-security

go 1.26.0

require k8s.io/pod-security-admission v0.37.2
