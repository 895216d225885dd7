# Copyright (c) 2026 aiops.kubernetes contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The faults that the test of the health report plants, each with the code that has to be found for it.

A fault is made as it arises in life wherever that takes seconds: by the kubelet, the scheduler and the controllers.
What would take hours or a broken machine (pressure on a node, a lost node, forty restarts) is written into the status
of an object on a simulated node, where nobody overwrites it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from support.health_objects import (
    Object,
    autoscaler,
    bare_pod,
    budget,
    claim,
    container,
    cron_job,
    ingress,
    job,
    merged,
    node,
    other,
    pod_spec,
    real_container,
    service,
    volume,
    workload,
)

# Times are shortened, so that minutes of waiting become seconds; figures are the defaults.
SETTINGS: dict[str, Any] = {
    "settled_seconds": 5,
    "unused_seconds": 5,
    "job_running_seconds": 5,
    "finished_jobs": 3,
    "root_causes": 3,
}
_HOLD_40_MEBIBYTES = "mkfifo /tmp/f; sleep 1000000 < /tmp/f & exec dd if=/dev/zero of=/tmp/f bs=40M count=1"
_NOWHERE = {"nodeSelector": {"planted": "nowhere"}}
_BUSY = "while :; do :; done"


@dataclass
class Fault:
    """code is found for kind/name; objects are applied, status (by kind/name) is written once they are there."""

    code: str
    kind: str
    name: str
    objects: list[Object] = field(default_factory=list)
    status: Object | None = None


def pods() -> list[Fault]:
    crash = {"restartPolicy": "Always"}
    killed = {"requests": {"cpu": "1m", "memory": "12Mi"}, "limits": {"memory": "12Mi"}}
    restarted = {"containerStatuses": [_container_status(restartCount=40, state={"running": {"startedAt": None}})]}

    def real(name: str, spec: Object) -> list[Object]:
        return [workload(name, spec)]

    failing = real_container(readinessProbe={"httpGet": None, "exec": {"command": ["false"]}, "periodSeconds": 1})
    secret = [{"name": "s", "secret": {"secretName": "h114-gone"}}]
    mounting = real_container(volumeMounts=[{"name": "s", "mountPath": "/s"}])
    env = [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "h105-gone", "key": "a"}}}]
    return [
        Fault(
            "H101",
            "Deployment",
            "h101",
            real("h101", pod_spec(real_container("sleep 0.2; exit 3"), real=True, **crash)),
        ),
        Fault(
            "H102",
            "Deployment",
            "h102",
            real(
                "h102", pod_spec(real_container(image="localhost/planted/none:1", imagePullPolicy="Never"), real=True)
            ),
        ),
        Fault(
            "H103",
            "Deployment",
            "h103",
            real("h103", pod_spec(real_container(_HOLD_40_MEBIBYTES, resources=killed), real=True)),
        ),
        Fault("H104", "Deployment", "h104", [workload("h104", pod_spec(**_NOWHERE))]),
        Fault("H105", "Deployment", "h105", real("h105", pod_spec(real_container(env=env), real=True))),
        Fault("H106", "Pod", "h106", [bare_pod("h106")], status=restarted),
        Fault("H107", "Deployment", "h107", real("h107", pod_spec(failing, real=True))),
        Fault("H108", "Pod", "h108", [bare_pod("h108")], status={"phase": "Failed", "reason": "Evicted"}),
        Fault("H109", "Pod", "h109", [bare_pod("h109", finalizers=["planted.example/hold"])]),
        Fault("H110", "Pod", "h110", [bare_pod("h110")]),
        Fault("H111", "Deployment", "h111", real("h111", pod_spec(real_container(command=["/bin/none"]), real=True))),
        Fault(
            "H112",
            "Deployment",
            "h112",
            real(
                "h112", pod_spec(real=True, initContainers=[real_container("exit 4", name="init", livenessProbe=None)])
            ),
        ),
        Fault("H113", "Pod", "h113", [bare_pod("h113")], status={"reason": "NodeLost", "message": "node is gone"}),
        Fault("H114", "Deployment", "h114", real("h114", pod_spec(mounting, real=True, volumes=secret))),
        Fault("H115", "Pod", "h115", [bare_pod("h115", pod_spec(schedulingGates=[{"name": "planted.example/gate"}]))]),
        Fault("H116", "Pod", "h116", [bare_pod("h116", pod_spec(container(resources=None)))]),
    ]


def _container_status(**state: Any) -> Object:
    base = {"name": "app", "ready": True, "image": "app", "imageID": "", "state": {"running": {}}, "lastState": {}}
    return {**base, **state}


def nodes() -> list[Fault]:
    def pressed(code: str, word: str) -> Fault:
        name = f"planted-{code.lower()}"
        fault = node(name)
        fault["status"]["conditions"].append(
            {"type": word, "status": "True", "reason": "Planted", "message": "planted"}
        )
        return Fault(code, "Node", name, [fault])

    silent, old, odd, cordoned = (node(f"planted-{code}") for code in ("h201", "h207", "h208", "h206"))
    silent["status"]["conditions"] = [{"type": "Ready", "status": "False", "reason": "Planted"}]
    old["status"]["nodeInfo"]["kubeletVersion"] = "v1.28.0"
    odd["status"]["nodeInfo"]["kubeletVersion"] = "v1.34.1"
    cordoned["spec"]["unschedulable"] = True
    greedy = container(resources={"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}})

    def filled(code: str, **allocatable: str) -> Fault:
        name = f"planted-{code.lower()}"
        bound = bare_pod(f"on-{name}", {**pod_spec(greedy), "nodeSelector": {}, "nodeName": name})
        return Fault(code, "Node", name, [node(name, **allocatable), bound])

    return [
        Fault("H201", "Node", "planted-h201", [silent]),
        pressed("H202", "MemoryPressure"),
        pressed("H203", "DiskPressure"),
        pressed("H204", "PIDPressure"),
        pressed("H205", "NetworkUnavailable"),
        Fault("H206", "Node", "planted-h206", [cordoned]),
        Fault("H207", "Node", "planted-h207", [old]),
        Fault("H208", "Node", "planted-h208", [odd]),
        filled("H209", cpu="1050m"),
        filled("H210", memory="500Mi"),
        filled("H212", pods="1"),
    ]


def workloads() -> list[Fault]:
    def lacking(code: str, **changes: Any) -> Fault:
        name = code.lower()
        return Fault(code, "Deployment", name, [workload(name, pod_spec(container(**changes)))])

    def template(code: str, **changes: Any) -> Fault:
        name = code.lower()
        return Fault(code, "Deployment", name, [workload(name, pod_spec(**changes))])

    same = {"httpGet": {"path": "/ready", "port": "http"}, "failureThreshold": 3}
    apart = {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "type", "labelSelector": {"matchLabels": {"app": "h302"}}}
        ]
    }
    busy = real_container(_BUSY, resources={"limits": {"cpu": "250m"}})
    full = real_container(_HOLD_40_MEBIBYTES, resources={"limits": {"memory": "44Mi"}})
    idle = real_container(resources={"requests": {"memory": "160Mi"}, "limits": {"memory": "160Mi"}})
    by_hand = workload("h326", kind="StatefulSet", updateStrategy={"type": "OnDelete"})
    return [
        Fault("H301", "Deployment", "h301", [workload("h301", pod_spec(**_NOWHERE))]),
        Fault(
            "H302", "Deployment", "h302", [workload("h302", pod_spec(affinity={"podAntiAffinity": apart}), replicas=3)]
        ),
        Fault("H303", "Deployment", "h303", [workload("h303", pod_spec(**_NOWHERE), progressDeadlineSeconds=1)]),
        Fault("H304", "Deployment", "h304", [workload("h304", paused=True)]),
        Fault("H306", "Deployment", "h306", [workload("h306"), service("h306")]),
        Fault("H307", "Deployment", "h307", [workload("h307", replicas=0), service("h307")]),
        Fault(
            "H308", "Deployment", "h308", [workload("h308", pod_spec(container(readinessProbe=None))), service("h308")]
        ),
        lacking("H309", livenessProbe=None),
        lacking("H310", livenessProbe=same, readinessProbe=same),
        lacking("H311", resources={"requests": {"cpu": None}}),
        lacking("H312", resources={"requests": {"memory": None}, "limits": None}),
        lacking("H313", resources={"limits": None}),
        lacking("H314", image="registry.invalid/planted/app:latest"),
        lacking("H328", env=[{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]),
        lacking("H315", readinessProbe={"httpGet": {"path": "/", "port": "grpc"}}),
        Fault("H316", "Deployment", "h316", [workload("h316", pod_spec(busy, real=True))]),
        Fault("H317", "Deployment", "h317", [workload("h317", pod_spec(full, real=True))]),
        Fault("H318", "Deployment", "h318", [workload("h318", pod_spec(idle, real=True))]),
        Fault(
            "H319",
            "Deployment",
            "h319",
            [workload("h319", pod_spec(nodeName="simulated-0"), replicas=2), service("h319"), budget("h319", "h319")],
        ),
        Fault("H320", "StatefulSet", "h320", [workload("h320", kind="StatefulSet", serviceName="h320-gone")]),
        template("H322", serviceAccountName="h322-gone"),
        template("H323", imagePullSecrets=[{"name": "h323-gone"}]),
        Fault("H324", "Deployment", "h324", [workload("h324", revisionHistoryLimit=0)]),
        Fault(
            "H325",
            "Deployment",
            "h325",
            [workload("h325", replicas=2, strategy={"type": "Recreate"}), budget("h325", "h325")],
        ),
        Fault("H326", "StatefulSet", "h326", [by_hand]),
        Fault(
            "H327", "Deployment", "h327", [workload("h327"), merged(workload("h327"), {"metadata": {"name": "h327-b"}})]
        ),
        Fault(
            "H329",
            "StatefulSet",
            "h329",
            [workload("h329", kind="StatefulSet", serviceName="h329-plain"), service("h329-plain")],
        ),
    ]


def scaling() -> list[Fault]:
    hpa, pdb = "HorizontalPodAutoscaler", "PodDisruptionBudget"
    nothing = container(resources={"requests": {"cpu": None}})

    def scaled(code: str, *autoscalers: Object, spec: Object | None = None) -> list[Object]:
        return [workload(code.lower(), spec), *autoscalers]

    def guarded(code: str, **spec: Any) -> list[Object]:
        name = code.lower()
        return [workload(name, replicas=2), budget(name, name, **spec)]

    return [
        Fault("H401", hpa, "h401", [autoscaler("h401", "h401-gone")]),
        Fault("H402", hpa, "h402", scaled("H402", autoscaler("h402", "h402"))),
        Fault("H404", hpa, "h404", scaled("H404", autoscaler("h404", "h404", 2, 2))),
        Fault("H405", hpa, "h405", scaled("H405", autoscaler("h405", "h405"), spec=pod_spec(nothing))),
        Fault("H406", hpa, "h406", scaled("H406", autoscaler("h406", "h406", 1, 1000000))),
        Fault("H407", hpa, "h407", scaled("H407", autoscaler("h407", "h407"), autoscaler("h407-b", "h407"))),
        Fault("H411", pdb, "h411", [budget("h411", "h411-gone")]),
        Fault("H412", pdb, "h412", guarded("H412", maxUnavailable=0)),
        Fault("H413", pdb, "h413", [budget("h413", "h302", minAvailable="60%")]),
        Fault("H414", "Deployment", "h414", [workload("h414", replicas=2)]),
        Fault("H416", pdb, "h416", guarded("H416", maxUnavailable="100%")),
        Fault("H415", "Deployment", "h415", [*guarded("H415"), budget("h415-b", "h415")]),
    ]


def storage(namespace: str) -> list[Fault]:
    pv, pvc = "PersistentVolume", "PersistentVolumeClaim"
    gone = {"namespace": namespace, "name": "h506-gone", "uid": "00000000-0000-0000-0000-000000000506"}
    lost = claim("h502", volumeName="planted-gone", storageClassName="")
    lost["metadata"]["annotations"] = {"pv.kubernetes.io/bind-completed": "yes"}
    mine = {"namespace": namespace, "name": "h505"}
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "h511-gone"}}]
    return [
        Fault("H501", pvc, "h501", [claim("h501", storageClassName="")]),
        Fault("H502", pvc, "h502", [lost]),
        Fault(
            "H505",
            pvc,
            "h505",
            [
                claim("h505", storageClassName="", volumeName=f"{namespace}-h505"),
                volume(f"{namespace}-h505", storageClassName="", claimRef=mine),
            ],
        ),
        Fault("H506", pv, f"{namespace}-h506", [volume(f"{namespace}-h506", claimRef=gone)]),
        Fault(
            "H507",
            pv,
            f"{namespace}-h507",
            [
                # What may be deleted on a host lies below /tmp; this does not, so it cannot be reclaimed.
                volume(
                    f"{namespace}-h507",
                    claimRef={**gone, "name": "h507-gone"},
                    persistentVolumeReclaimPolicy="Delete",
                    hostPath={"path": "/nowhere/planted"},
                )
            ],
        ),
        Fault("H508", pv, f"{namespace}-h508", [volume(f"{namespace}-h508", storageClassName="planted")]),
        Fault("H510", pvc, "h510", [claim("h510", storageClassName="planted-gone")]),
        Fault("H511", "Deployment", "h511", [workload("h511", pod_spec(volumes=volumes))]),
    ]


def network() -> list[Fault]:
    port = [{"name": "http", "port": 80, "targetPort": "grpc"}]
    selector = {"matchLabels": {"app": "h614-gone"}}
    return [
        Fault("H601", "Service", "h601", [service("h601", "h601-gone")]),
        Fault("H602", "Service", "h602", [service("h602", "h107", ports=[{"port": 80}])]),
        Fault("H603", "Service", "h603", [service("h603", "web", ports=port)]),
        Fault("H604", "Service", "h604", [merged(service("h604"), {"spec": {"selector": None}})]),
        Fault("H605", "Service", "h605", [service("h605", "web", type="LoadBalancer")]),
        Fault("H607", "Ingress", "h607", [ingress("h607", "h607-gone")]),
        Fault("H608", "Ingress", "h608", [ingress("h608", "web", port=81)]),
        Fault("H609", "Ingress", "h609", [ingress("h609", "web", ingressClassName="planted-gone")]),
        Fault(
            "H610", "Ingress", "h610", [ingress("h610", "web", tls=[{"hosts": ["h610.example"], "secretName": "gone"}])]
        ),
        Fault(
            "H612",
            "Ingress",
            "h612",
            [ingress("h612", "web", host="same.example"), ingress("h612-b", "web", host="same.example")],
        ),
        Fault(
            "H614",
            "NetworkPolicy",
            "h614",
            [other("networking.k8s.io/v1", "NetworkPolicy", "h614", podSelector=selector)],
        ),
        Fault(
            "H615",
            "NetworkPolicy",
            "h615",
            [
                other(
                    "networking.k8s.io/v1",
                    "NetworkPolicy",
                    "h615",
                    podSelector={"matchLabels": {"app": "h306"}},
                    ingress=[{"from": [{"podSelector": selector}]}, {}],
                )
            ],
        ),
    ]


def jobs() -> list[Fault]:
    fails = pod_spec(real_container("exit 5", livenessProbe=None), real=True)
    return [
        Fault("H701", "Job", "h701", [job("h701", fails)]),
        Fault("H702", "CronJob", "h702", [cron_job("h702", fails, suspend=True)]),
        Fault("H703", "CronJob", "h703", [cron_job("h703", fails)]),
        Fault("H705", "Job", "h705", [job("h705", pod_spec(real_container(livenessProbe=None), real=True))]),
    ]


def configuration() -> list[Fault]:
    env = [{"configMapRef": {"name": "h801-gone"}}]
    mounted = [{"name": "s", "secret": {"secretName": "h802-gone"}}]
    return [
        Fault("H801", "Deployment", "h801", [workload("h801", pod_spec(container(envFrom=env)))]),
        Fault("H802", "Deployment", "h802", [workload("h802", pod_spec(volumes=mounted))]),
        Fault("H804", "ConfigMap", "h804", [{**other("v1", "ConfigMap", "h804"), "data": {"a": "b"}}]),
        Fault("H805", "Secret", "h805", [{**other("v1", "Secret", "h805"), "stringData": {"a": "b"}}]),
        Fault("H806", "ServiceAccount", "h806", [other("v1", "ServiceAccount", "h806")]),
    ]


def cluster_wide(namespace: str) -> list[Fault]:
    """What has no namespace; named after the test's, and made so that nothing else of the cluster notices it."""
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    rule = {"apiGroups": ["planted.example"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["none"]}
    hook = {
        "name": "guard.planted.example",
        "clientConfig": {"service": {"namespace": namespace, "name": "h825-gone", "path": "/"}},
        "rules": [rule],
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    kind = "StorageClass"

    def storage_class(name: str) -> Object:
        made = other("storage.k8s.io/v1", kind, name)
        made["metadata"]["annotations"] = default
        return {**made, "provisioner": "kubernetes.io/no-provisioner"}

    webhooks = "ValidatingWebhookConfiguration"
    guard = {**other("admissionregistration.k8s.io/v1", webhooks, f"{namespace}-h825"), "webhooks": [hook]}
    return [
        Fault("H509", kind, f"{namespace}-a", [storage_class(f"{namespace}-a"), storage_class(f"{namespace}-b")]),
        Fault("H825", webhooks, f"{namespace}-h825", [guard]),
    ]


def quota(namespace: str) -> list[Fault]:
    """In a namespace of their own, whose quota has room for one pod."""
    second = workload("h305")
    limit = other("v1", "ResourceQuota", "h808", hard={"pods": "1"})
    return [
        Fault("H808", "ResourceQuota", "h808", [limit, workload("holder")]),
        Fault("H305", "Deployment", "h305", [second]),
    ]


def healthy() -> list[Object]:
    """What nothing may be found about: workloads with all that belongs to them."""
    spread = [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": {"app": "web"}},
        }
    ]
    uses = container(envFrom=[{"configMapRef": {"name": "web"}}, {"secretRef": {"name": "web"}}])
    objects: list[Object] = [
        workload("web", pod_spec(uses, serviceAccountName="web", topologySpreadConstraints=spread), replicas=3),
        service("web"),
        budget("web", "web"),
        ingress("web", "web"),
        {**other("v1", "ConfigMap", "web"), "data": {"a": "b"}},
        {**other("v1", "Secret", "web"), "stringData": {"a": "b"}},
        other("v1", "ServiceAccount", "web"),
        other("networking.k8s.io/v1", "NetworkPolicy", "web", podSelector={"matchLabels": {"app": "web"}}),
        workload("db", kind="StatefulSet", replicas=2, serviceName="db"),
        merged(service("db"), {"spec": {"clusterIP": "None"}}),
        budget("db", "db"),
        cron_job("nightly", pod_spec()),
        job("done", pod_spec()),
        workload("real", pod_spec(real=True)),
    ]
    for number in range(20):
        name = f"shop-{number}"
        objects += [workload(name, replicas=2), service(name), budget(name, name)]
    return objects
