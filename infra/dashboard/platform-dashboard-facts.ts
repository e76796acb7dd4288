/** All that stands on the dashboard of a platform. */
export interface PlatformDashboardFacts {
  readonly name: string;
  readonly region: string;
  /** Scheme and host that clients use. */
  readonly origin: string;
  readonly clusterName: string;
  readonly loadBalancerArnSuffix: string;
  /** Of CloudFront, if it stands before the load balancer. */
  readonly distributionId: string | undefined;
  readonly webAcl: WebAclFacts | undefined;
  /** Those of a VPC of the platform's own. */
  readonly natGatewayIds: readonly string[];
  /** Whether AWS stretches them over the zones. */
  readonly regionalNatGateway: boolean;
  readonly containerInsights: string;
  /** Whether services may run on instances. */
  readonly hasInstances: boolean;
  /** Whether some instances have GPUs. */
  readonly hasGpus: boolean;
  /** The capacity providers of Auto Scaling groups, by the names of the capacities. */
  readonly autoScalingProviders: Readonly<Record<string, string>>;
}

/** The metrics of a web ACL. */
export interface WebAclFacts {
  /** Its metric name. */
  readonly webAcl: string;
  /** The metric name of its rate limit. */
  readonly rateLimit: string;
  /** Whether it stands before CloudFront. */
  readonly isGlobal: boolean;
}
