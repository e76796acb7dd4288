import * as pulumi from "@pulumi/pulumi";

/**
 * A command that prints an access token with all scopes of a client for machines. The secret goes from the AWS CLI to curl through a pipe: it
 * stands neither in the command nor among the arguments of a process. It fails, and says why, where there is no token.
 */
export function accessTokenCommand(args: {
  readonly region: pulumi.Input<string>;
  readonly userPoolId: pulumi.Input<string>;
  readonly clientId: pulumi.Input<string>;
  readonly tokenEndpoint: pulumi.Input<string>;
}): pulumi.Output<string> {
  const { region, userPoolId, clientId, tokenEndpoint } = args;
  const secret = pulumi.interpolate`aws cognito-idp describe-user-pool-client --region ${region} --user-pool-id ${userPoolId} --client-id ${clientId} --query UserPoolClient.ClientSecret --output text`;
  return pulumi.interpolate`printf 'user = "%s:%s"\\n' ${clientId} "$(${secret})" | curl -sSf -K - -d grant_type=client_credentials ${tokenEndpoint} | sed -n 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/p' | grep .`;
}
