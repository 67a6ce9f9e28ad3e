"""Labeling jobs on an own back end."""

import aws_cdk as cdk
from constructs import Construct

from ml_constructs.foundation.folder import Folder
from ml_constructs.labeling.portal import WorkerPortal
from ml_constructs.labeling.reviews import Gate, HumanReviews
from ml_constructs.labeling.service import OUTPUT, LabelingService, Reach
from ml_constructs.labeling.streams import LabelingStreams
from ml_constructs.labeling.task_store import TaskStore
from ml_constructs.labeling.workforce import Workforce
from stacks.foundation import Foundation


class LabelingStack(cdk.Stack):
    """What labeling jobs are kept in, the service that takes and ends them, and the portal of those who label."""

    def __init__(self, scope: Construct, construct_id: str, *, on: Foundation) -> None:
        super().__init__(scope, construct_id, description="Labeling jobs")
        self.store = TaskStore(
            self,
            "TaskStore",
            data=on.storage.data,
            key=on.storage.key,
            removal_policy=on.environment.removal_policy,
        )
        settings = on.environment.labeling
        workforce = Workforce(self, "Workforce", teams=settings.workteams, removal_policy=on.environment.removal_policy)
        self.service = LabelingService(
            self,
            "Service",
            store=self.store,
            reach=Reach(
                workteams=settings.workteams,
                inputs=settings.inputs,
                functions=settings.functions,
                template_hosts=settings.template_hosts,
                patience=cdk.Duration.minutes(settings.patience_minutes),
                issuer=workforce.issuer,
                tells_ends=settings.tells_ends,
            ),
            functions=on.functions,
        )
        if settings.streams:
            LabelingStreams(
                self,
                "Streams",
                prefix=f"{on.environment.name}-",
                names=settings.streams,
                idle=cdk.Duration.days(settings.idle_days),
                service=self.service,
                key=on.storage.key,
            )
        rule, reviewed = settings.reviews, on.environment.reviewed
        reviews = HumanReviews(
            self,
            "Reviews",
            store=self.store,
            service=self.service,
            functions=on.functions,
            gate=Gate(
                systems={system.name: on.predictions(system.name) for system in reviewed},
                below=rule.below,
                share=rule.share,
                a_day=rule.a_day,
                classes=rule.classes,
            )
            if rule and reviewed
            else None,
        )
        portal = WorkerPortal(
            self,
            "Portal",
            workforce=workforce,
            store=self.store,
            media=[Folder(on.storage.data, path.split("/")) for path in (OUTPUT, *settings.inputs)],
            functions=on.functions,
        )
        cdk.CfnOutput(self, "LabelingPortalUrl", value=portal.url)
        cdk.CfnOutput(self, "LabelingUserPoolId", value=workforce.pool.user_pool_id)
        cdk.CfnOutput(self, "LabelingFunctionName", value=self.service.jobs.function.function_name)
        cdk.CfnOutput(self, "ReviewFunctionName", value=reviews.loops.function.function_name)
        cdk.CfnOutput(self, "LabelingTableName", value=self.store.table.table_name)
