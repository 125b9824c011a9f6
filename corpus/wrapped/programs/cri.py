"""Runs one pod of one container by the CRI of containerd: cri.py SOCK POD CONTAINER IMAGE LOGDIR ENV=.. -- ARGS"""
import sys, os, time, uuid
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "proto"))
import grpc, api_pb2 as a, api_pb2_grpc as g
sock, pod, ctr, image, logdir = sys.argv[1:6]
rest = sys.argv[6:]; i = rest.index("--"); envs, args = rest[:i], rest[i+1:]
ch = grpc.insecure_channel("unix://" + sock)
r, im = g.RuntimeServiceStub(ch), g.ImageServiceStub(ch)
sc = a.PodSandboxConfig(metadata=a.PodSandboxMetadata(name=pod, uid=str(uuid.uuid4()), namespace="shop", attempt=0), log_directory=logdir,
  linux=a.LinuxPodSandboxConfig(security_context=a.LinuxSandboxSecurityContext(namespace_options=a.NamespaceOption(network=a.NODE))))
sid = r.RunPodSandbox(a.RunPodSandboxRequest(config=sc)).pod_sandbox_id
cc = a.ContainerConfig(metadata=a.ContainerMetadata(name=ctr, attempt=0), image=a.ImageSpec(image=image), command=args[:1], args=args[1:],
  envs=[a.KeyValue(key=e.split("=")[0], value=e.split("=")[1].encode()) for e in envs], log_path=f"{ctr}/0.log",
  linux=a.LinuxContainerConfig(security_context=a.LinuxContainerSecurityContext(namespace_options=a.NamespaceOption(network=a.NODE))))
cid = r.CreateContainer(a.CreateContainerRequest(pod_sandbox_id=sid, config=cc, sandbox_config=sc)).container_id
r.StartContainer(a.StartContainerRequest(container_id=cid))
for _ in range(100):
    if r.ContainerStatus(a.ContainerStatusRequest(container_id=cid)).status.state == a.CONTAINER_EXITED: break
    time.sleep(0.1)
time.sleep(0.3)
r.StopPodSandbox(a.StopPodSandboxRequest(pod_sandbox_id=sid)); r.RemovePodSandbox(a.RemovePodSandboxRequest(pod_sandbox_id=sid))
print(cid)
