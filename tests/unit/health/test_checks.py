# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Given this object among healthy ones, this code; given none, no finding at all."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from health_objects import (
    OLD,
    YOUNG,
    Object,
    codes,
    container,
    deployment,
    found_in,
    healthy,
    meta,
    node,
    pod,
    service,
    slice_of,
)

from ansible_collections.aiops.kubernetes.plugins.module_utils.health.catalogue import CODES
from ansible_collections.aiops.kubernetes.plugins.module_utils.health.checks import CHECKS, OF_PROMETHEUS

Lists = dict[str, list[Object]]
LATELY = "2026-11-15T23:00:00Z"


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert found_in(healthy()) == []


def test_every_code_belongs_to_one_check() -> None:
    told = [code for check in CHECKS for code in check.codes] + list(OF_PROMETHEUS)
    assert sorted(told) == sorted(CODES)


def status(**state: Any) -> Object:
    return {"containerStatuses": [{"name": "app", "restartCount": 7, **state}]}


def waiting(reason: str) -> Object:
    return status(state={"waiting": {"reason": reason, "message": "because"}})


SIDECAR = {**container(), "name": "proxy", "restartPolicy": "Always", "ports": [{"name": "mesh"}]}


def of_sidecar(**state: Any) -> Object:
    return {"initContainerStatuses": [{"name": "proxy", "restartCount": 7, **state}]}


PODS: list[tuple[str, Object]] = [
    ("H101", waiting("CrashLoopBackOff")),
    ("H101", status(restartCount=1, state={"terminated": {"reason": "Error", "exitCode": 3}})),
    ("H102", waiting("ImagePullBackOff")),
    ("H102", waiting("ErrImageNeverPull")),
    (
        "H103",
        status(state={"waiting": {"reason": "CrashLoopBackOff"}}, lastState={"terminated": {"reason": "OOMKilled"}}),
    ),
    (
        "H104",
        {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]},
    ),
    ("H105", waiting("CreateContainerConfigError")),
    ("H106", status(state={"running": {"startedAt": OLD}})),
    ("H107", {"conditions": [{"type": "Ready", "status": "False"}]}),
    ("H108", {"phase": "Failed", "reason": "Evicted"}),
    ("H111", waiting("RunContainerError")),
    ("H111", status(restartCount=1, state={"terminated": {"reason": "StartError", "exitCode": 128}})),
    ("H112", {"initContainerStatuses": [{"name": "init", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}),
    ("H101", of_sidecar(state={"waiting": {"reason": "CrashLoopBackOff"}})),
    ("H103", of_sidecar(state={"running": {"startedAt": OLD}}, lastState={"terminated": {"reason": "OOMKilled"}})),
    ("H106", of_sidecar(state={"running": {"startedAt": OLD}})),
    ("H113", {"phase": "Unknown"}),
    (
        "H114",
        {
            "phase": "Pending",
            "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "ContainerCreating"}}}],
        },
    ),
    (
        "H115",
        {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]},
    ),
]


@pytest.mark.parametrize(("code", "changes"), PODS, ids=[f"{case[0]}-{number}" for number, case in enumerate(PODS)])
def test_pods(code: str, changes: Object) -> None:
    lists = healthy()
    lists["Pod"].append(pod("web-6f-c", **changes))
    lists["Pod"][-1]["spec"]["initContainers"] = [SIDECAR]
    [finding] = found_in(lists)
    assert (finding.code, finding.kind, finding.name) == (code, "Deployment", "web")
    assert "web-6f-c" in " ".join(finding.evidence)
    if code not in ("H108",):
        assert finding.fix.command == (
            "ansible-playbook playbooks/diagnose_pod.yml -e target=deployment/web -e namespace=shop"
        )


def test_pods_of_one_workload_are_one_finding() -> None:
    lists = healthy()
    lists["Pod"] += [pod(f"web-6f-{number}", **waiting("CrashLoopBackOff")) for number in range(30)]
    [finding] = found_in(lists)
    assert "30 of 32 pods" in finding.message
    assert len(finding.evidence) == 6


def condition(type_: str, reason: str = "Because") -> Object:
    return {"conditions": [{"type": "Ready", "status": "True"}, {"type": type_, "status": "True", "reason": reason}]}


NODES: list[tuple[str, Object]] = [
    ("H201", {"conditions": [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}]}),
    ("H201", {"conditions": []}),
    ("H202", condition("MemoryPressure")),
    ("H203", condition("DiskPressure")),
    ("H204", condition("PIDPressure")),
    ("H205", condition("NetworkUnavailable")),
    ("H207", {"nodeInfo": {"kubeletVersion": "v1.30.9"}}),
    ("H207", {"nodeInfo": {"kubeletVersion": "v1.35.0"}}),
    ("H208", {"nodeInfo": {"kubeletVersion": "v1.34.1"}}),
]


@pytest.mark.parametrize(("code", "changes"), NODES, ids=[f"{case[0]}-{number}" for number, case in enumerate(NODES)])
def test_nodes(code: str, changes: Object) -> None:
    lists = healthy()
    lists["Node"].append(node("node-3", **changes))
    found = [finding for finding in found_in(lists) if finding.name == "node-3"]
    assert code in codes(found)
    assert codes(found) <= {code, "H208"}


@pytest.mark.parametrize(
    ("code", "allocatable"),
    [("H209", {"cpu": "105m", "memory": "8Gi"}), ("H210", {"cpu": "4", "memory": "63Mi"}), ("H212", {"pods": "1"})],
)
def test_room_of_a_node(code: str, allocatable: Object) -> None:
    lists = healthy()
    lists["Node"][0] = node("node-1", allocatable={"cpu": "4", "memory": "8Gi", "pods": "110", **allocatable})
    assert code in codes(found_in(lists))


def change(kind: str, edit: Callable[[Object], None]) -> Callable[[Lists], None]:
    def edited(lists: Lists) -> None:
        edit(lists[kind][0])

    return edited


def add(kind: str, *items: Object) -> Callable[[Lists], None]:
    return lambda lists: lists[kind].extend(copy.deepcopy(items))


def drop(kind: str) -> Callable[[Lists], None]:
    return lambda lists: lists[kind].clear()


def spec(**changes: Any) -> Callable[[Object], None]:
    return lambda item: item["spec"].update(changes)


def with_status(**changes: Any) -> Callable[[Object], None]:
    return lambda item: item["status"].update(changes)


def app(**changes: Any) -> Callable[[Object], None]:
    """The container of a Deployment's template."""
    return lambda item: item["spec"]["template"]["spec"].update(containers=[container(**changes)])


def with_resources(resources: Object) -> Callable[[Lists], None]:
    """In the template, and in the pods that were made of it."""

    def edited(lists: Lists) -> None:
        app(resources=resources)(lists["Deployment"][0])
        for item in lists["Pod"]:
            item["spec"]["containers"] = [container(resources=resources)]

    return edited


def template(**changes: Any) -> Callable[[Object], None]:
    return lambda item: item["spec"]["template"]["spec"].update(changes)


def stateful(name: str = "db", **changes: Any) -> Object:
    item = deployment(name, 1)
    item["spec"] |= changes
    return item


def autoscaler(target: str = "web", conditions: tuple[Object, ...] = (), **changes: Any) -> Object:
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization"}}}
    reference = {"kind": "Deployment", "name": target}
    return {
        "metadata": meta("hpa"),
        "spec": {"scaleTargetRef": reference, "minReplicas": 2, "maxReplicas": 4, "metrics": [metric], **changes},
        "status": {"currentReplicas": 4, "conditions": list(conditions)},
    }


def budget(name: str, labels: Object, status_: Object | None = None, **changes: Any) -> Object:
    return {
        "metadata": meta(name),
        "spec": {"selector": {"matchLabels": labels}, **changes},
        "status": {
            "currentHealthy": 2,
            "desiredHealthy": 1,
            "disruptionsAllowed": 1,
            "expectedPods": 2,
            **(status_ or {}),
        },
    }


def claim(name: str = "data", phase: str = "Bound", **changes: Any) -> Object:
    return {"metadata": meta(name), "spec": {"volumeName": "pv", **changes}, "status": {"phase": phase}}


def volume(phase: str) -> Object:
    return {
        "metadata": meta("pv", ""),
        "spec": {"claimRef": {"namespace": "shop", "name": "data"}},
        "status": {"phase": phase},
    }


def ingress(name: str = "web", backend: str = "web", port: int = 80, **changes: Any) -> Object:
    path = {"path": "/", "backend": {"service": {"name": backend, "port": {"number": port}}}}
    return {"metadata": meta(name), "spec": {"rules": [{"host": "shop.example", "http": {"paths": [path]}}], **changes}}


def job(name: str = "load", conditions: tuple[Object, ...] = (), **changes: Any) -> Object:
    return {"metadata": meta(name), "spec": {}, "status": {"startTime": OLD, "conditions": list(conditions), **changes}}


def cron_job(active: int = 0, last: str = "", **changes: Any) -> Object:
    runs = [{"name": f"run-{number}"} for number in range(active)]
    return {
        "metadata": meta("nightly"),
        "spec": {"schedule": "0 * * * *", **changes},
        "status": {"lastScheduleTime": last or "2026-11-16T00:00:00Z", "active": runs},
    }


def idle(lists: Lists, **spec_: Any) -> None:
    item = deployment("idle", 0)
    item["spec"]["template"]["spec"] |= spec_
    lists["Deployment"].append(item)


def half_done() -> Object:
    """A pod of a Job: one container did its work, the other goes on."""
    done = {"name": "app", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
    goes_on = {"name": "log", "ready": True, "state": {"running": {"startedAt": OLD}}}
    made = pod("load-1", conditions=[{"type": "Ready", "status": "False"}], containerStatuses=[done, goes_on])
    owner = {"kind": "Job", "name": "load", "controller": True}
    made["metadata"] = meta("load-1", labels={"job-name": "load"}, ownerReferences=[owner])
    made["spec"]["restartPolicy"] = "Never"
    return made


def nightly(**spec_: Any) -> Object:
    """Its pods are there for minutes."""
    template_ = {"metadata": {"labels": {"app": "nightly"}}, "spec": {"containers": [container()], **spec_}}
    return cron_job(schedule="not a schedule", jobTemplate={"spec": {"template": template_}})


def webhook(policy: str) -> Object:
    client = {"service": {"namespace": "shop", "name": "gone"}}
    return {
        "metadata": meta("guard", ""),
        "webhooks": [{"name": "guard.example", "failurePolicy": policy, "clientConfig": client}],
    }


def grow_together(lists: Lists) -> None:
    """Two autoscalers that each fit the 8 CPUs of the nodes, and not both."""
    lists["Deployment"].append(deployment("cart"))
    for name in ("web", "cart"):
        target = next(item for item in lists["Deployment"] if item["metadata"]["name"] == name)
        half = {"requests": {"cpu": "500m", "memory": "1Mi"}, "limits": {"memory": "1Mi"}}
        target["spec"]["template"]["spec"]["containers"] = [container(resources=half)]
        lists["HorizontalPodAutoscaler"].append({**autoscaler(name, maxReplicas=12), "metadata": meta(name)})


def policy(**rules: Any) -> Object:
    return {"metadata": meta("web"), "spec": {"podSelector": {"matchLabels": {"app": "web"}}, **rules}}


FAILED = ({"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"},)
COMPLETE = ({"type": "Complete", "status": "True"},)
CLAIM_VOLUME = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
DEFAULT_CLASS = {"storageclass.kubernetes.io/is-default-class": "true"}


def late_claim(use: Callable[[Lists], Any]) -> Callable[[Lists], None]:
    """A claim that is bound once a pod uses it."""

    def edited(lists: Lists) -> None:
        lists["StorageClass"].append({"metadata": meta("local", ""), "volumeBindingMode": "WaitForFirstConsumer"})
        lists["PersistentVolumeClaim"].append(claim(phase="Pending", storageClassName="local"))
        use(lists)

    return edited


CASES: list[tuple[str, Callable[[Lists], None]]] = [
    ("H109", change("Pod", lambda item: item["metadata"].update(deletionTimestamp="2026-11-15T23:00:00Z"))),
    ("H110", add("Pod", {**pod("bare"), "metadata": meta("bare")})),
    ("H116", add("Pod", {**pod("bare"), "metadata": meta("bare"), "spec": {"containers": [{"name": "app"}]}})),
    ("H206", change("Node", lambda item: item.update(spec={"unschedulable": True}))),
    ("H211", add("NodeMetrics", {"metadata": meta("node-1", ""), "usage": {"cpu": "3900m", "memory": "1Gi"}})),
    ("H301", change("Deployment", with_status(availableReplicas=0))),
    ("H302", change("Deployment", with_status(availableReplicas=1))),
    (
        "H303",
        change(
            "Deployment",
            with_status(conditions=[{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]),
        ),
    ),
    ("H304", change("Deployment", spec(paused=True))),
    ("H305", change("Deployment", with_status(conditions=[{"type": "ReplicaFailure", "status": "True"}]))),
    ("H306", change("Deployment", spec(replicas=1))),
    ("H307", change("Deployment", spec(replicas=0))),
    ("H308", change("Deployment", app(readinessProbe=None))),
    ("H309", change("Deployment", app(livenessProbe=None))),
    ("H310", change("Deployment", app(livenessProbe={"httpGet": {"path": "/ready", "port": "http"}}))),
    ("H311", with_resources({"requests": {"memory": "1Mi"}, "limits": {"memory": "1Mi"}})),
    ("H312", with_resources({"requests": {"cpu": "1m"}})),
    ("H313", with_resources({"requests": {"cpu": "1m", "memory": "1Mi"}})),
    ("H314", change("Deployment", app(image="registry.example:5000/app"))),
    ("H314", change("Deployment", app(image="app:latest"))),
    ("H315", change("Deployment", app(startupProbe={"tcpSocket": {"port": "grpc"}}))),
    (
        "H316",
        add(
            "PodMetrics",
            {"metadata": meta("web-6f-a"), "containers": [{"name": "app", "usage": {"cpu": "200m", "memory": "9Mi"}}]},
        ),
    ),
    (
        "H317",
        add(
            "PodMetrics",
            {"metadata": meta("web-6f-a"), "containers": [{"name": "app", "usage": {"cpu": "50m", "memory": "120Mi"}}]},
        ),
    ),
    (
        "H318",
        add(
            "PodMetrics",
            {"metadata": meta("web-6f-a"), "containers": [{"name": "app", "usage": {"cpu": "2m", "memory": "9Mi"}}]},
        ),
    ),
    ("H319", lambda lists: lists.update(Pod=[pod("web-6f-a"), pod("web-6f-b")])),
    ("H320", add("StatefulSet", stateful(serviceName="gone"))),
    (
        "H321",
        add(
            "DaemonSet",
            {
                **deployment("agent"),
                "status": {"desiredNumberScheduled": 2, "numberAvailable": 2, "numberMisscheduled": 1},
            },
        ),
    ),
    ("H322", change("Deployment", template(serviceAccountName="gone"))),
    ("H323", change("Deployment", template(imagePullSecrets=[{"name": "gone"}]))),
    ("H324", change("Deployment", spec(revisionHistoryLimit=0))),
    ("H325", change("Deployment", spec(strategy={"type": "Recreate"}))),
    (
        "H325",
        change("Deployment", spec(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}})),
    ),
    (
        "H326",
        add(
            "StatefulSet",
            {
                **stateful(updateStrategy={"type": "OnDelete"}),
                "status": {"availableReplicas": 1, "updatedReplicas": 0, "currentRevision": "a", "updateRevision": "b"},
            },
        ),
    ),
    ("H327", add("Deployment", {**deployment("web"), "metadata": meta("twin")})),
    ("H328", change("Deployment", app(env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]))),
    ("H329", add("StatefulSet", stateful(serviceName="web"))),
    ("H401", add("HorizontalPodAutoscaler", autoscaler("gone"))),
    ("H402", add("HorizontalPodAutoscaler", autoscaler(conditions=({"type": "ScalingActive", "status": "False"},)))),
    (
        "H403",
        add(
            "HorizontalPodAutoscaler",
            autoscaler(conditions=({"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas"},)),
        ),
    ),
    ("H404", add("HorizontalPodAutoscaler", autoscaler(maxReplicas=2))),
    (
        "H405",
        lambda lists: (
            with_resources({})(lists),
            lists["HorizontalPodAutoscaler"].append(autoscaler()),
        )[0],
    ),
    ("H406", add("HorizontalPodAutoscaler", autoscaler(maxReplicas=1000))),
    ("H407", add("HorizontalPodAutoscaler", autoscaler(), autoscaler())),
    ("H408", grow_together),
    ("H411", add("PodDisruptionBudget", budget("lost", {"app": "gone"}, minAvailable=1))),
    ("H412", change("PodDisruptionBudget", spec(maxUnavailable=0))),
    ("H412", change("PodDisruptionBudget", spec(maxUnavailable=None, minAvailable=2))),
    ("H412", change("PodDisruptionBudget", spec(maxUnavailable=None, minAvailable="80%"))),
    ("H413", change("PodDisruptionBudget", with_status(currentHealthy=1, desiredHealthy=2, disruptionsAllowed=0))),
    ("H414", drop("PodDisruptionBudget")),
    ("H415", add("PodDisruptionBudget", budget("twin", {"app": "web"}, maxUnavailable=1))),
    ("H416", change("PodDisruptionBudget", spec(minAvailable=0, maxUnavailable=None))),
    ("H416", change("PodDisruptionBudget", spec(minAvailable=None, maxUnavailable="100%"))),
    ("H416", change("PodDisruptionBudget", spec(minAvailable=None, maxUnavailable=None))),
    ("H501", add("PersistentVolumeClaim", claim(phase="Pending"))),
    ("H501", late_claim(lambda lists: lists["Pod"][0]["spec"].update(volumes=CLAIM_VOLUME))),
    ("H502", add("PersistentVolumeClaim", claim(phase="Lost"))),
    ("H505", add("PersistentVolumeClaim", claim())),
    ("H506", add("PersistentVolume", volume("Released"))),
    ("H507", add("PersistentVolume", volume("Failed"))),
    ("H508", add("PersistentVolume", volume("Available"))),
    (
        "H509",
        add(
            "StorageClass",
            {"metadata": meta("a", "", annotations=DEFAULT_CLASS)},
            {"metadata": meta("b", "", annotations=DEFAULT_CLASS)},
        ),
    ),
    ("H510", add("PersistentVolumeClaim", claim(phase="Pending", storageClassName="gone"))),
    ("H511", change("Deployment", template(volumes=CLAIM_VOLUME))),
    ("H601", add("Service", service("lost", selector={"app": "gone"}))),
    ("H602", lambda lists: lists.update(EndpointSlice=[slice_of(ready=False)])),
    ("H603", change("Service", spec(ports=[{"port": 80, "targetPort": "grpc"}]))),
    ("H604", add("Service", service("outside", selector={}))),
    ("H605", change("Service", spec(type="LoadBalancer"))),
    ("H607", add("Ingress", ingress(backend="gone"))),
    ("H608", add("Ingress", ingress(port=81))),
    ("H609", add("Ingress", ingress(ingressClassName="gone"))),
    ("H610", add("Ingress", ingress(tls=[{"secretName": "gone"}]))),
    ("H612", add("Ingress", ingress(), ingress("twin"))),
    (
        "H614",
        add("NetworkPolicy", {"metadata": meta("lost"), "spec": {"podSelector": {"matchLabels": {"app": "gone"}}}}),
    ),
    ("H615", add("NetworkPolicy", policy(ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "wbe"}}}]}]))),
    (
        "H615",
        add(
            "NetworkPolicy",
            policy(egress=[{"to": [{"namespaceSelector": {"matchLabels": {"name": "gone"}}, "podSelector": {}}]}]),
        ),
    ),
    ("H701", add("Job", job(conditions=FAILED))),
    ("H702", add("CronJob", cron_job(suspend=True))),
    (
        "H703",
        lambda lists: (
            lists["CronJob"].append(cron_job()),
            lists["Job"].append(
                {
                    **job("nightly-1", FAILED),
                    "metadata": meta(
                        "nightly-1", ownerReferences=[{"kind": "CronJob", "name": "nightly", "controller": True}]
                    ),
                }
            ),
        )[0],
    ),
    ("H704", add("CronJob", {**cron_job(last="2026-11-15T20:00:00Z", schedule="30 * * * *")})),
    ("H704", add("CronJob", cron_job(last="2026-11-15T23:55:00Z", schedule="* * * * *"))),
    ("H704", add("CronJob", cron_job(last="2026-11-10T00:00:00Z", schedule="0 0 * * *"))),
    (
        "H704",
        add("CronJob", cron_job(1, "2026-11-15T20:00:00Z", schedule="30 * * * *", concurrencyPolicy="Replace")),
    ),
    ("H705", add("Job", job())),
    ("H706", add("Job", *(job(f"done-{number}", COMPLETE) for number in range(26)))),
    ("H707", add("CronJob", cron_job(active=2))),
    ("H801", change("Deployment", app(envFrom=[{"configMapRef": {"name": "gone"}}]))),
    ("H802", change("Deployment", template(volumes=[{"name": "s", "secret": {"secretName": "gone"}}]))),
    ("H804", add("ConfigMap", {"metadata": meta("idle")})),
    ("H805", add("Secret", {"metadata": meta("idle")})),
    ("H806", add("ServiceAccount", {"metadata": meta("idle")})),
    (
        "H807",
        add("Namespace", {"metadata": meta("x", "", deletionTimestamp=LATELY), "status": {"phase": "Terminating"}}),
    ),
    ("H808", add("ResourceQuota", {"metadata": meta("q"), "status": {"hard": {"pods": "10"}, "used": {"pods": "9"}}})),
    ("H824", add("CertificateSigningRequest", {"metadata": meta("node-csr", "")})),
    ("H825", add("ValidatingWebhookConfiguration", webhook("Fail"))),
    ("H825", add("MutatingWebhookConfiguration", webhook(""))),
    (
        "H826",
        add(
            "APIService",
            {"metadata": meta("v1.x", ""), "status": {"conditions": [{"type": "Available", "status": "False"}]}},
        ),
    ),
    ("H827", add("CustomResourceDefinition", {"metadata": meta("x", ""), "status": {"conditions": []}})),
    ("H902", add("Lease", {"metadata": meta("kube-scheduler", "kube-system"), "spec": {"renewTime": LATELY}})),
    (
        "H905",
        add(
            "Service",
            {**service("kube-dns"), "metadata": meta("kube-dns", "kube-system", labels={"k8s-app": "kube-dns"})},
        ),
    ),
]
FULL = {"cpu": "110m", "memory": "8Gi", "pods": "110"}
TIGHT = {"cpu": "4", "memory": "70Mi", "pods": "110"}
CASES += [
    ("H921", lambda lists: lists.update(Node=[node("node-1", allocatable=FULL), node("node-2", allocatable=FULL)])),
    ("H922", lambda lists: lists.update(Node=[node("node-1", allocatable=TIGHT), node("node-2", allocatable=TIGHT)])),
    ("H923", lambda lists: lists.update(Node=[node("node-1", allocatable=TIGHT), node("node-2", allocatable=TIGHT)])),
    (
        "H924",
        lambda lists: lists["StatefulSet"].append(
            {
                **stateful("huge"),
                "spec": {
                    "replicas": 0,
                    "selector": {"matchLabels": {"app": "huge"}},
                    "template": {
                        "metadata": {"labels": {"app": "huge"}},
                        "spec": {
                            "containers": [container(resources={"requests": {"cpu": "5"}, "limits": {"memory": "1Gi"}})]
                        },
                    },
                },
            }
        ),
    ),
]
# What one fault of the table cannot but bring along.
ALONG = {
    "H110": {"H309"},
    "H116": {"H110", "H314"},
    "H312": {"H313"},
    "H327": {"H414"},
    "H405": {"H311", "H312", "H313"},
    "H407": {"H406"},
    "H408": {"H414"},
    "H501": {"H505"},
    "H905": {"H601", "H602"},
    "H921": {"H209", "H923", "H924", "H922"},
    "H922": {"H209", "H210", "H923"},
    "H923": {"H209", "H210", "H922"},
}


@pytest.mark.parametrize(("code", "edit"), CASES, ids=[f"{case[0]}-{number}" for number, case in enumerate(CASES)])
def test_one_fault_among_healthy_objects(code: str, edit: Callable[[Lists], None]) -> None:
    lists = healthy()
    edit(lists)
    findings = found_in(lists)
    assert code in codes(findings)
    assert codes(findings) <= {code} | ALONG.get(code, set())
    for finding in findings:
        assert finding.evidence
        assert finding.fix.text


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("H901", {"readyz": "[+]ping ok\n[-]etcd failed: reason withheld\n"}),
        (
            "H810",
            {
                "metrics": 'apiserver_requested_deprecated_apis{group="flowcontrol.apiserver.k8s.io",'
                'removed_release="1.35",resource="flowschemas",subresource="",version="v1beta3"} 1\n'
            },
        ),
    ],
)
def test_what_the_api_server_says_of_itself(code: str, texts: dict[str, str]) -> None:
    assert codes(found_in(healthy(), texts)) == {code}


def young(item: Object) -> Object:
    item["metadata"]["creationTimestamp"] = YOUNG
    return item


@pytest.mark.parametrize(
    "edit",
    [
        add("Pod", young(pod("new", conditions=[{"type": "Ready", "status": "False"}]))),
        add("Service", young(service("new", selector={"app": "new"}))),
        add("ConfigMap", young({"metadata": meta("new")})),
        add("PersistentVolumeClaim", young(claim(phase="Pending"))),
        change("Pod", lambda item: item.update(pod("web-6f-a", phase="Succeeded"))),
        add("Secret", {"metadata": meta("sh.helm.release.v1.x")}),
        add("ConfigMap", {"metadata": meta("kube-root-ca.crt")}),
        add("ValidatingWebhookConfiguration", webhook("Ignore")),
        change("Deployment", app(envFrom=[{"configMapRef": {"name": "gone", "optional": True}}])),
        change("Deployment", app(image="app@sha256:abc")),
        add("CronJob", cron_job(schedule="not a schedule")),
        change("Service", spec(type="ExternalName", selector={})),
        # A limit range gives the pods what the template leaves open.
        change("Deployment", app(resources={})),
        lambda lists: (
            app(resources={})(lists["Deployment"][0]),
            lists["HorizontalPodAutoscaler"].append(autoscaler()),
        ),
        change("PodDisruptionBudget", spec(maxUnavailable=None, minAvailable="50%")),
        late_claim(lambda lists: lists["CronJob"].append(nightly(volumes=CLAIM_VOLUME))),
        late_claim(lambda lists: idle(lists, volumes=CLAIM_VOLUME)),
        lambda lists: (
            change("Service", spec(ports=[{"port": 80, "targetPort": "mesh"}]))(lists),
            lists["Pod"][0]["spec"].update(initContainers=[SIDECAR]),
        ),
        lambda lists: (
            lists["DaemonSet"].append({**deployment("agent"), "status": {"desiredNumberScheduled": 0}}),
            lists["Service"].append(service("agent", selector={"app": "agent"})),
        ),
        add("Pod", half_done()),
        add("CronJob", cron_job(last="2026-11-15T23:58:00Z", schedule="* * * * *")),
        add("CronJob", cron_job(last="2026-11-15T00:00:00Z", schedule="0 0 * * *")),
        add("CronJob", cron_job(1, "2026-11-15T20:00:00Z", schedule="30 * * * *", concurrencyPolicy="Forbid")),
        add("NetworkPolicy", policy(ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}, {}])),
        add("NetworkPolicy", policy(ingress=[{"from": [{"podSelector": {}, "namespaceSelector": {}}]}])),
        lambda lists: (
            lists["NetworkPolicy"].append(
                policy(ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "nightly"}}}]}])
            ),
            lists["CronJob"].append(nightly()),
        ),
    ],
)
def test_what_only_looks_like_a_fault(edit: Callable[[Lists], None]) -> None:
    lists = healthy()
    edit(lists)
    assert found_in(lists) == []
