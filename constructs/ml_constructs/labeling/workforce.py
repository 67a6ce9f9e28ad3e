"""The people who label: who they are, how they sign in, and the teams that they are in."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_iam as iam
from constructs import Construct

from ml_constructs.foundation.acknowledgment import acknowledge

SESSION = cdk.Duration.hours(12)  # a day of work; then people sign in again
TOKEN = cdk.Duration.minutes(15)  # how long somebody who left a team is still let in
INVITATION = cdk.Duration.days(3)
LEADS = "leads"
"""The group of those who lead jobs, which no team is called."""


class Workforce(Construct):
    """A user pool of invited people, each in groups that are teams; there is no way in but by invitation.

    The pool has no domain, with which it could not be used from a closed network: Cognito developer guide, "Access
    Amazon Cognito using an interface endpoint". People prove their password by SRP, and never send it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, teams: Sequence[str], removal_policy: cdk.RemovalPolicy
    ) -> None:
        super().__init__(scope, construct_id)
        self.pool = cognito.UserPool(
            self,
            "Pool",
            account_recovery=cognito.AccountRecovery.NONE,
            deletion_protection=removal_policy is not cdk.RemovalPolicy.DESTROY,
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_symbols=True,
                require_uppercase=True,
                temp_password_validity=INVITATION,
            ),
            removal_policy=removal_policy,
            self_sign_up_enabled=False,
            sign_in_case_sensitive=False,
        )
        self.client = self.pool.add_client(
            "Portal",
            access_token_validity=TOKEN,
            auth_flows=cognito.AuthFlow(user_srp=True),
            disable_o_auth=True,
            enable_token_revocation=True,
            generate_secret=False,
            id_token_validity=TOKEN,
            prevent_user_existence_errors=True,
            refresh_token_validity=SESSION,
        )
        groups = {**dict.fromkeys(teams, "A team of people who label"), LEADS: "Those who lead labeling jobs"}
        for team, description in groups.items():
            cognito.CfnUserPoolGroup(
                self,
                f"Team{team}",
                description=description,
                group_name=team,
                user_pool_id=self.pool.user_pool_id,
            )
        acknowledge(
            self.pool,
            COG2="Who invites may require a second factor of everybody; the portal asks for its codes.",
            COG3="Threat protection is of a tier that costs by the person; nobody signs up by themselves.",
            COG8="Threat protection is of a tier that costs by the person; nobody signs up by themselves.",
        )

        if removal_policy is cdk.RemovalPolicy.DESTROY:
            acknowledge(self.pool, accepted_value="It goes with an environment that keeps nothing.")

    @property
    def issuer(self) -> str:
        """URL of the pool, as tokens and worker responses name it."""
        return self.pool.user_pool_provider_url

    def grant_list(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` see how people are called."""
        iam.Grant.add_to_principal(
            grantee=grantee, actions=["cognito-idp:ListUsers"], resource_arns=[self.pool.user_pool_arn]
        )

    def grant_sign_in(self, grantee: iam.IGrantable) -> None:
        """Let `grantee` forward the steps of a sign-in."""
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminRespondToAuthChallenge"],
            resource_arns=[self.pool.user_pool_arn],
        )
