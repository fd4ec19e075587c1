"""What everybody may use, and who may do everything: by the policies of a cloud, and by endpoints that ask nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roadbed.policies.clouds import aws, azure, declared, inner, is_aws
from roadbed.policies.documents import all_powerful, for_all, statements
from roadbed.policies.networks import everywhere
from roadbed.policies.values import at, maps, no, several, unknown, word, yes
from roadbed.sdk import policy
from roadbed.sdk.policies import UNKNOWN, Context, Example, Finding, PlannedResource

_DOCUMENTS: Mapping[str, str] = {
    "SQS::QueuePolicy": "PolicyDocument",
    "SNS::TopicPolicy": "PolicyDocument",
    "ECR::Repository": "RepositoryPolicyText",
    "KMS::Key": "KeyPolicy",
    "SecretsManager::ResourcePolicy": "ResourcePolicy",
    "OpenSearchService::Domain": "AccessPolicies",
    "Elasticsearch::Domain": "AccessPolicies",
    "IAM::Role": "AssumeRolePolicyDocument",
    "EFS::FileSystem": "FileSystemPolicy",
    "Backup::BackupVault": "AccessPolicy",
    "ApiGateway::RestApi": "Policy",
}
"""Where the policy stands that says who may use a thing."""
_IAM = (
    "IAM::Policy",
    "IAM::ManagedPolicy",
    "IAM::Role",
    "IAM::User",
    "IAM::Group",
    "IAM::UserPolicy",
    "IAM::RolePolicy",
)
_PUBLIC_URL = {"AuthType": "NONE", "TargetFunctionArn": UNKNOWN}


def _statement(**more: Any) -> dict[str, Any]:
    return {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", **more}]}}


@policy(
    "no-access-for-all",
    level="mandatory",
    types=aws(*_DOCUMENTS, "Lambda::Permission", "Lambda::Url"),
    reason="What everybody in the world may use is used by everybody in the world.",
    remedy="name who may use it, or a condition that they meet",
    refuses=[
        Example("AWS::SQS::QueuePolicy", _statement(Principal="*")),
        Example("AWS::Lambda::Permission", {"Principal": "*", "Action": "lambda:InvokeFunction"}),
        Example("AWS::Lambda::Url", _PUBLIC_URL),
    ],
    passes=[
        Example("AWS::SQS::QueuePolicy", _statement(Principal={"AWS": "arn:aws:iam::123456789012:root"})),
        Example("AWS::SQS::QueuePolicy", _statement(Principal="*", Condition={"ArnEquals": {"aws:SourceArn": "arn"}})),
        Example("AWS::Lambda::Permission", {"Principal": "*", "SourceArn": UNKNOWN}),
        Example("AWS::Lambda::Url", {**_PUBLIC_URL, "AuthType": "AWS_IAM"}),
    ],
)
def no_access_for_all(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    properties = declared(resource)
    for name, path in _DOCUMENTS.items():
        if is_aws(resource, name) and any(map(for_all, statements(properties.get(path)))):
            yield f"{resource.name} lets everybody in by its {path}"
    narrowed = any(properties.get(name) for name in ("SourceArn", "SourceAccount", "PrincipalOrgID"))
    if is_aws(resource, "Lambda::Permission") and word(properties.get("Principal")) == "*" and not narrowed:
        yield f"{resource.name} lets everybody call the function"
    if is_aws(resource, "Lambda::Url") and word(properties.get("AuthType")) == "none":
        yield f"{resource.name} asks nobody who calls it", "set AuthType: AWS_IAM, or put a service in front"


@policy(
    "no-rights-to-everything",
    types=aws(*_IAM),
    reason="Whoever gets hold of a key that opens everything has everything.",
    remedy="name the actions, and what they are for",
    refuses=Example("AWS::IAM::Policy", _statement(Action="*")),
    passes=[Example("AWS::IAM::Policy", _statement()), Example("AWS::IAM::Policy", {"PolicyDocument": UNKNOWN})],
)
def no_rights_to_everything(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    properties = declared(resource)
    documents = [
        properties.get("PolicyDocument"),
        *(one.get("PolicyDocument") for one in maps(properties.get("Policies"))),
    ]
    for document in documents:
        if any(map(all_powerful, statements(document))):
            yield f"{resource.name} may do everything with everything"
    for name in several(properties.get("ManagedPolicyArns")):
        if isinstance(name, str) and name.endswith("/AdministratorAccess"):
            yield f"{resource.name} may do everything: it has AdministratorAccess"


@policy(
    "no-public-clusters",
    level="mandatory",
    types=[*aws("EKS::Cluster"), *azure("ContainerService/managedClusters")],
    reason="Whoever reaches the API of a cluster is one leaked key away from all that it runs.",
    remedy="close its public endpoint, or name the addresses that need it",
    refuses=[
        Example("AWS::EKS::Cluster", {"ResourcesVpcConfig": {"SubnetIds": UNKNOWN}}),
        Example("azure:Microsoft.ContainerService/managedClusters", {"properties": {"dnsPrefix": "shop"}}),
    ],
    passes=[
        Example("AWS::EKS::Cluster", {"ResourcesVpcConfig": {"EndpointPublicAccess": False}}),
        Example("AWS::EKS::Cluster", {"ResourcesVpcConfig": {"PublicAccessCidrs": ["203.0.113.0/24"]}}),
        Example("azure:Microsoft.ContainerService/managedClusters", {"apiServerAccessProfile": UNKNOWN}),
    ],
)
def no_public_clusters(resource: PlannedResource, context: Context) -> Iterator[Finding]:
    properties = inner(resource.properties)
    if is_aws(resource, "EKS::Cluster"):
        profile = properties.get("ResourcesVpcConfig")
        closed, sources = no(at(profile, "EndpointPublicAccess")), at(profile, "PublicAccessCidrs")
    else:
        profile = properties.get("apiServerAccessProfile")
        closed, sources = yes(at(profile, "enablePrivateCluster")), at(profile, "authorizedIPRanges")
    unsaid = unknown(profile) or unknown(sources) or unknown(at(profile, "EndpointPublicAccess"))
    if not closed and not unsaid and (not sources or any(map(everywhere, several(sources)))):
        yield f"the API of {resource.name} can be reached from the whole internet"
