"""Writes create-only.json: which properties AWS cannot change in place, from CloudFormation's published schemas.

    pip download --no-deps cfn-lint==1.58.0 -d FOLDER && python3 create-only.py FOLDER/cfn_lint-1.58.0-py3-none-any.whl

cfn-lint (MIT-0) packages the schemas that AWS publishes; their `createOnlyProperties` are what CloudFormation replaces a resource for.
Our own components are never asked: what they believe is what the tests examine.
"""

import json
import sys
import zipfile
from pathlib import Path

# Pulumi's type, CloudFormation's type, and the properties whose names differ by more than their first letter.
TYPES = {
    "aws:appautoscaling/policy:Policy": ("AWS::ApplicationAutoScaling::ScalingPolicy", {"PolicyName": "name"}),
    "aws:acm/certificate:Certificate": ("AWS::CertificateManager::Certificate", {}),
    "aws:appautoscaling/target:Target": ("AWS::ApplicationAutoScaling::ScalableTarget", {}),
    "aws:cloudfront/distribution:Distribution": ("AWS::CloudFront::Distribution", {}),
    "aws:cloudfront/vpcOrigin:VpcOrigin": ("AWS::CloudFront::VpcOrigin", {}),
    "aws:cloudwatch/logGroup:LogGroup": ("AWS::Logs::LogGroup", {"LogGroupName": "name"}),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("AWS::CloudWatch::Alarm", {"AlarmName": "name"}),
    "aws:cognito/managedLoginBranding:ManagedLoginBranding": ("AWS::Cognito::ManagedLoginBranding", {}),
    "aws:cognito/resourceServer:ResourceServer": ("AWS::Cognito::UserPoolResourceServer", {}),
    "aws:cognito/userPool:UserPool": ("AWS::Cognito::UserPool", {}),
    "aws:cognito/userPoolClient:UserPoolClient": ("AWS::Cognito::UserPoolClient", {}),
    "aws:cognito/userPoolDomain:UserPoolDomain": ("AWS::Cognito::UserPoolDomain", {}),
    "aws:ec2/eip:Eip": ("AWS::EC2::EIP", {}),
    "aws:ec2/internetGateway:InternetGateway": ("AWS::EC2::InternetGateway", {}),
    "aws:ec2/natGateway:NatGateway": ("AWS::EC2::NatGateway", {}),
    "aws:ec2/route:Route": ("AWS::EC2::Route", {}),
    "aws:ec2/routeTable:RouteTable": ("AWS::EC2::RouteTable", {}),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": ("AWS::EC2::SubnetRouteTableAssociation", {}),
    "aws:ec2/securityGroup:SecurityGroup": ("AWS::EC2::SecurityGroup", {"GroupName": "name", "GroupDescription": "description"}),
    "aws:ec2/subnet:Subnet": ("AWS::EC2::Subnet", {}),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("AWS::EC2::VPCEndpoint", {}),
    "aws:ec2/vpc:Vpc": ("AWS::EC2::VPC", {}),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": (None, {}),
    "aws:ecr/repository:Repository": ("AWS::ECR::Repository", {"RepositoryName": "name"}),
    "aws:ecs/cluster:Cluster": ("AWS::ECS::Cluster", {"ClusterName": "name"}),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": (
        "AWS::ECS::ClusterCapacityProviderAssociations",
        {"Cluster": "clusterName"},
    ),
    "aws:ecs/service:Service": ("AWS::ECS::Service", {"ServiceName": "name", "SchedulingStrategy": "schedulingStrategy"}),
    "aws:ecs/taskDefinition:TaskDefinition": ("AWS::ECS::TaskDefinition", {}),
    "aws:iam/role:Role": ("AWS::IAM::Role", {"RoleName": "name"}),
    "aws:iam/rolePolicy:RolePolicy": ("AWS::IAM::RolePolicy", {"PolicyName": "name", "RoleName": "role"}),
    "aws:lb/listener:Listener": ("AWS::ElasticLoadBalancingV2::Listener", {}),
    "aws:lb/listenerRule:ListenerRule": ("AWS::ElasticLoadBalancingV2::ListenerRule", {}),
    "aws:lb/loadBalancer:LoadBalancer": (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        {"Scheme": "internal", "Type": "loadBalancerType"},
    ),
    "aws:lb/targetGroup:TargetGroup": ("AWS::ElasticLoadBalancingV2::TargetGroup", {}),
    "aws:route53/record:Record": ("AWS::Route53::RecordSet", {"HostedZoneId": "zoneId"}),
    "aws:s3/bucket:Bucket": ("AWS::S3::Bucket", {"BucketName": "bucket"}),
    "aws:s3/bucketPolicy:BucketPolicy": ("AWS::S3::BucketPolicy", {}),
    "aws:secretsmanager/secret:Secret": ("AWS::SecretsManager::Secret", {}),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": (
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        {},
    ),
    "aws:servicediscovery/service:Service": ("AWS::ServiceDiscovery::Service", {}),
    "aws:ssm/parameter:Parameter": ("AWS::SSM::Parameter", {}),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (
        "AWS::EC2::SecurityGroupEgress",
        {"GroupId": "securityGroupId", "CidrIp": "cidrIpv4", "DestinationSecurityGroupId": "referencedSecurityGroupId"},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (
        "AWS::EC2::SecurityGroupIngress",
        {"GroupId": "securityGroupId", "CidrIp": "cidrIpv4", "SourceSecurityGroupId": "referencedSecurityGroupId"},
    ),
    "aws:wafv2/webAcl:WebAcl": ("AWS::WAFv2::WebACL", {}),
    "aws:wafv2/webAclAssociation:WebAclAssociation": ("AWS::WAFv2::WebACLAssociation", {"WebACLArn": "webAclArn"}),
}

# Types that CloudFormation does not have, or has as properties of others; from the documentation of the Terraform resources
# that @pulumi/aws and @pulumi/random are made of ("Forces new resource").
DOCUMENTED = {
    "aws:autoscaling/group:Group": ["initialLifecycleHooks", "name", "namePrefix"],
    "aws:ec2/launchTemplate:LaunchTemplate": ["name", "namePrefix"],
    "aws:ecs/accountSettingDefault:AccountSettingDefault": ["name"],
    "aws:ecs/capacityProvider:CapacityProvider": [
        "autoScalingGroupProvider.autoScalingGroupArn",
        "cluster",
        "managedInstancesProvider.instanceLaunchTemplate.capacityOptionType",
        "name",
    ],
    "aws:iam/instanceProfile:InstanceProfile": ["name", "namePrefix", "path"],
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["policyArn", "role"],
    "aws:appautoscaling/scheduledAction:ScheduledAction": ["name", "resourceId", "scalableDimension", "serviceNamespace"],
    "aws:acm/certificateValidation:CertificateValidation": ["certificateArn", "validationRecordFqdns"],
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": ["repository"],
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ["bucket"],
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ["bucket"],
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ["bucket"],
    "aws:secretsmanager/secretVersion:SecretVersion": ["secretId", "secretString"],
    "random:index/randomPassword:RandomPassword": ["length", "special", "keepers"],
}


def pulumi_name(name: str) -> str:
    return name[0].lower() + name[1:]


def main(wheel: str) -> None:
    archive = zipfile.ZipFile(wheel)
    schemas = {}
    for entry in archive.namelist():
        if not entry.startswith("cfnlint/data/schemas/") or not entry.endswith(".json"):
            continue
        try:
            schema = json.loads(archive.read(entry))
        except ValueError:
            continue
        if isinstance(schema, dict) and "typeName" in schema and "createOnlyProperties" in schema:
            schemas[schema["typeName"]] = schema
    result = {}
    for pulumi_type, (cfn_type, renamed) in TYPES.items():
        if cfn_type is None:
            continue
        schema = schemas.get(cfn_type)
        paths = schema["createOnlyProperties"] if schema else []
        names = {path.removeprefix("/properties/").split("/")[0] for path in paths}
        result[pulumi_type] = sorted(renamed.get(name, pulumi_name(name)) for name in names)
        if not schema:
            print(f"{cfn_type}: nothing is create-only", file=sys.stderr)
    result.update(DOCUMENTED)
    text = json.dumps({"source": Path(wheel).name, "types": dict(sorted(result.items()))}, indent=2)
    Path(__file__).with_name("create-only.json").write_text(text + "\n")


main(sys.argv[1])
