"""What the policies that ship say of more shapes than their own cases have: as programs of all kinds write them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_packs import named, shipped
from roadbed.sdk.examples import judged
from roadbed.sdk.policies import SECRET, UNKNOWN, Example, Policy

SECRETS = {"$join": ["postgres://u:", {"$secret": "db"}, "@db/x"]}
GROUP, RULE = "AWS::EC2::SecurityGroup", "azure:Microsoft.Network/networkSecurityGroups"
WORLD = "0.0.0.0/0"


def ingress(**rule: Any) -> dict[str, Any]:
    return {"SecurityGroupIngress": {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **rule}}


def azure_rule(**rule: Any) -> dict[str, Any]:
    whole = {"access": "Allow", "direction": "Inbound", "protocol": "*", "sourceAddressPrefix": "Internet", **rule}
    return {"properties": {"securityRules": [{"name": "r", "properties": whole}]}}


def pod(container: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"spec": {**spec, "containers": [{"name": "web", **container}]}}


def cron(container: dict[str, Any]) -> dict[str, Any]:
    return {"spec": {"jobTemplate": {"spec": {"template": pod(container)}}}}


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("no-open-ingress", GROUP, ingress(CidrIp=WORLD)),
    ("no-open-ingress", GROUP, ingress(CidrIp=WORLD, FromPort="80", ToPort="443")),
    ("no-open-ingress", GROUP, ingress(CidrIp=WORLD, IpProtocol=-1, FromPort=None, ToPort=None)),
    ("no-open-ingress", GROUP, ingress(CidrIpv6="0:0:0:0:0:0:0:0/0")),
    ("no-open-ingress", GROUP, ingress(CidrIp="128.0.0.0/1")),
    ("no-open-ingress", "AWS::EC2::SecurityGroupIngress", ingress(CidrIp=WORLD)["SecurityGroupIngress"]),
    ("no-open-ingress", RULE, azure_rule(destinationPortRange="*")),
    ("no-open-ingress", RULE, azure_rule(destinationPortRanges=["80", "20-25"])),
    (
        "no-open-ingress",
        RULE,
        azure_rule(sourceAddressPrefix=None, sourceAddressPrefixes=[WORLD], destinationPortRange=22),
    ),
    (
        "no-open-ingress",
        "azure:Microsoft.Sql/servers/firewallRules",
        {"startIpAddress": "0.0.0.0", "endIpAddress": "255.255.255.255"},
    ),
    ("no-public-storage", "aws:AWS::S3::Bucket", {"AccessControl": "PublicReadWrite"}),
    ("no-public-storage", "AWS::S3::Bucket", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
    (
        "no-public-storage",
        "AWS::S3::BucketPolicy",
        {"PolicyDocument": {"Statement": {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "s3:GetObject"}}},
    ),
    (
        "no-public-storage",
        "AWS::S3::BucketPolicy",
        {"PolicyDocument": '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*"}]}'},
    ),
    ("no-public-storage", "azure:Microsoft.Storage/storageAccounts@2023-01-01", {"allowBlobPublicAccess": "true"}),
    ("no-direct-exposure", "k8s:Service", {"spec": {"type": "NodePort"}}),
    ("encrypted-at-rest", "AWS::RDS::DBCluster", {"Engine": "aurora-mysql"}),
    ("encrypted-at-rest", "AWS::EC2::Instance", {"BlockDeviceMappings": {"DeviceName": "/dev/a", "Ebs": {}}}),
    ("encrypted-in-transit", "k8s:Ingress", {"spec": {"tls": []}}),
    ("encrypted-in-transit", "azure:Microsoft.Cache/Redis", {"properties": {"enableNonSslPort": True}}),
    ("encrypted-in-transit", "azure:Microsoft.Web/sites", {"properties": {}}),
    ("encrypted-in-transit", "postgres:Server", {"host": UNKNOWN, "sslmode": "disable"}),
    ("encrypted-in-transit", "http:Health", {"url": "http://a.example.com", "headers": {"Authorization": SECRET}}),
    ("no-plain-credentials", "file:File", {"content": "-----BEGIN RSA PRIVATE KEY-----\nMII"}),
    ("no-plain-credentials", "AWS::SecretsManager::Secret", {"SecretString": "hunter2"}),
    ("no-plain-credentials", "azure:Microsoft.Sql/servers", {"properties": {"administratorLoginPassword": "P@ss"}}),
    ("no-plain-credentials", "kubernetes:v1/Secret", {"stringData": {"a": "b"}}),
    ("no-plain-credentials", "command:Command", {"create": ["psql", "postgres://root:toor@db/x"]}),
    ("no-secrets-in-variables", "runtime:Service", {"containers": {"side": {"variables": {"API_KEY": "abc"}}}}),
    ("no-secrets-in-variables", "command:Command", {"environment": {"AWS_SECRET_ACCESS_KEY": "abc"}}),
    ("no-secrets-in-variables", "AWS::Lambda::Function", {"Environment": {"Variables": {"TOKEN": "abc"}}}),
    (
        "no-secrets-in-variables",
        "AWS::ECS::TaskDefinition",
        {"ContainerDefinitions": [{"Environment": [{"Name": "DB_PASSWORD", "Value": "abc"}]}]},
    ),
    ("no-secrets-in-variables", "k8s:Pod", pod({"env": {"name": "DB_PASSWORD", "value": "abc"}})),
    ("no-secrets-in-variables", "k8s:ConfigMap", {"data": {"password": "abc"}}),
    ("no-privileged-containers", "k8s:Pod", pod({"securityContext": {"privileged": "true"}})),
    ("no-privileged-containers", "k8s:Pod", pod({}, hostPID=True)),
    ("no-privileged-containers", "k8s:Pod", pod({"securityContext": {"capabilities": {"add": "CAP_SYS_ADMIN"}}})),
    ("no-privileged-containers", "k8s:Pod", pod({}, securityContext={"runAsUser": "0"})),
    ("no-privileged-containers", "k8s:Pod", pod({}, initContainers=[{"securityContext": {"privileged": True}}])),
    ("no-privileged-containers", "kubernetes:batch/v1/CronJob", cron({"securityContext": {"privileged": True}})),
    ("replicas-in-production", "AWS::AutoScaling::AutoScalingGroup", {"MinSize": "1"}),
    ("backups-for-databases", "AWS::RDS::DBInstance", {}),
    ("sizes-within-reason", "k8s:Pod", pod({"resources": {"limits": {"memory": "128Gi"}}})),
    ("sizes-within-reason", "k8s:Pod", pod({"resources": {"requests": {"cpu": "64"}}})),
    (
        "sizes-within-reason",
        "azure:Microsoft.Compute/virtualMachines",
        {"hardwareProfile": {"vmSize": "Standard_D64s_v5"}},
    ),
]

PASSED: list[tuple[str, str, dict[str, Any]]] = [
    ("no-open-ingress", GROUP, ingress(CidrIp="10.0.0.0/8")),
    ("no-open-ingress", GROUP, ingress(CidrIp=WORLD, FromPort="443", ToPort="443")),
    ("no-open-ingress", GROUP, ingress(CidrIp=WORLD, FromPort=UNKNOWN)),
    ("no-open-ingress", GROUP, ingress(CidrIp=WORLD, IpProtocol="icmp", FromPort=-1, ToPort=-1)),
    ("no-open-ingress", GROUP, ingress(SourceSecurityGroupId=UNKNOWN)),
    ("no-open-ingress", GROUP, {"SecurityGroupEgress": [{"CidrIp": WORLD, "IpProtocol": "-1"}]}),
    ("no-open-ingress", RULE, azure_rule(destinationPortRange="22", access="Deny")),
    ("no-open-ingress", RULE, azure_rule(destinationPortRange="443")),
    ("no-public-storage", "AWS::S3::Bucket", {"PublicAccessBlockConfiguration": UNKNOWN}),
    (
        "no-public-storage",
        "AWS::S3::BucketPolicy",
        {"PolicyDocument": {"Statement": {"Effect": "Deny", "Principal": "*"}}},
    ),
    ("no-direct-exposure", "k8s:Service", {"spec": {"ports": [{"port": 80}]}}),
    (
        "no-direct-exposure",
        "k8s:Service",
        {"metadata": {"annotations": {"x.io/load-balancer-internal": "true"}}, "spec": {"type": "LoadBalancer"}},
    ),
    ("encrypted-at-rest", "AWS::RDS::DBInstance", {"StorageEncrypted": "true"}),
    ("encrypted-at-rest", "AWS::RDS::DBCluster", {"StorageEncrypted": {"Ref": "Encrypted"}}),
    ("encrypted-in-transit", "azure:Microsoft.Web/sites", {"properties": {"httpsOnly": "true"}}),
    ("encrypted-in-transit", "http:Health", {"url": "https://a.example.com", "headers": {"Authorization": SECRET}}),
    ("encrypted-in-transit", "http:Health", {"url": UNKNOWN}),
    ("encrypted-in-transit", "k8s:Service", {"spec": {}}),
    ("no-plain-credentials", "postgres:Server", {"password": SECRETS}),
    ("no-plain-credentials", "AWS::RDS::DBInstance", {"MasterUserPassword": "{{resolve:secretsmanager:db}}"}),
    ("no-plain-credentials", "AWS::RDS::DBInstance", {"MasterUserPassword": {"Fn::Sub": "${Password}"}}),
    ("no-plain-credentials", "AWS::Cognito::UserPool", {"Policies": {"PasswordPolicy": {"MinimumLength": "12"}}}),
    ("no-plain-credentials", "kubernetes:v1/Pod", {"spec": {"volumes": [{"secret": {"secretName": "tls"}}]}}),
    ("no-plain-credentials", "http:Health", {"url": "http://${USER}:${PASSWORD}@db/"}),
    ("no-secrets-in-variables", "runtime:Service", {"variables": {"PGPASSWORD": SECRET, "URL": SECRETS, "PWD": "/a"}}),
    ("no-secrets-in-variables", "runtime:Service", {"variables": {"MAX_TOKENS": "512", "TOKEN_URL": "https://a.b/c"}}),
    ("no-secrets-in-variables", "runtime:Service", {"variables": {"PASSWORD": "", "SECRET_NAME": "db", "DEBUG": "1"}}),
    (
        "no-secrets-in-variables",
        "k8s:Pod",
        pod({"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"key": "a"}}}]}),
    ),
    (
        "no-privileged-containers",
        "k8s:Pod",
        pod({"securityContext": {"runAsUser": 1000}}, securityContext={"runAsUser": 0}),
    ),
    ("no-privileged-containers", "k8s:Service", {"spec": {"type": "ClusterIP"}}),
    ("replicas-in-production", "AWS::ECS::Service", {"SchedulingStrategy": "DAEMON"}),
    ("replicas-in-production", "kubernetes:apps/v1/DaemonSet", {"spec": {}}),
    (
        "backups-for-databases",
        "AWS::RDS::DBInstance",
        {"SourceDBInstanceIdentifier": "shop", "BackupRetentionPeriod": 0},
    ),
    ("sizes-within-reason", "AWS::EC2::Instance", {"InstanceType": {"Ref": "Size"}}),
    ("sizes-within-reason", "redis:Database", {"max_memory_mb": 128}),
]


def said(policy: str, type: str, properties: dict[str, Any]) -> list[str]:
    found = judged(named(policy), Example(type, properties))
    assert [one.error for one in found if one.error] == []
    return [one.message for one in found]


@pytest.mark.parametrize(("policy", "type", "properties"), REFUSED)
def test_it_is_refused(policy: str, type: str, properties: dict[str, Any]) -> None:
    assert named(policy).is_for(type)
    assert said(policy, type, properties)


@pytest.mark.parametrize(("policy", "type", "properties"), PASSED)
def test_it_passes(policy: str, type: str, properties: dict[str, Any]) -> None:
    assert named(policy).is_for(type)
    assert said(policy, type, properties) == []


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(_names, value.values()))
    return set().union(*map(_names, value)) if isinstance(value, list) else set()


_CASES = [(one, case) for one in shipped() for case in (*one.refuses, *one.passes)]
_NAMES = sorted(set().union(*(_names(case.properties) for _, case in _CASES)))
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "*", "-1", WORLD, "true", "1-2", "a.large"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(_CASES), st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=4))
def test_nothing_that_can_be_declared_breaks_a_policy(case: tuple[Policy, Example], more: dict[str, Any]) -> None:
    policy, example = case
    found = judged(policy, replace(example, properties={**example.properties, **more}))
    assert [one.error for one in found if one.error] == []
