"""Addresses of annotation: pages first, then the API."""

from django.urls import URLPattern, path, re_path

from annotation.api import (
    agreement,
    comments,
    datasets,
    judgments,
    second_chances,
    training_items,
)
from annotation.api import batches as batches_api
from annotation.api import before_work as before_work_api
from annotation.api import flags as flags_api
from annotation.api import judging as judging_api
from annotation.api import leaks as leaks_api
from annotation.api import media as media_api
from annotation.api import people as people_api
from annotation.api import returns as returns_api
from annotation.api import rubric_moves as moves_api
from annotation.api import running as running_api
from annotation.api import watching as watching_api
from annotation.models.batch import BatchState
from annotation.views import (
    activity,
    batch_new,
    batch_settings,
    batches,
    calibration,
    flags,
    history,
    home,
    judging,
    keeping,
    leaks,
    media,
    own_file,
    people,
    preview,
    projects,
    records,
    returns,
    rubric_moves,
    running,
    specimen,
    training,
    training_set,
    units,
    watching,
)

app_name = "annotation"

MOVES = {
    "open": BatchState.OPEN,
    "pause": BatchState.PAUSED,
    "close": BatchState.CLOSED,
    "archive": BatchState.ARCHIVED,
}
PROJECT = "projects/<uuid:project_id>"
DATASET = "datasets/<uuid:pk>"
BATCH = "batches/<uuid:pk>"
JUDGMENT = "judgments/<uuid:pk>/"
ASSIGNMENT = "assignments/<uuid:pk>"

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path(f"{PROJECT}/", projects.project, name="project"),
    path(f"{PROJECT}/datasets/new/", projects.new_dataset, name="dataset-new"),
    path(f"{PROJECT}/media/", media.media, name="media"),
    path(f"{PROJECT}/media/hosts/", media.media_hosts, name="media-hosts"),
    path(f"{PROJECT}/media/attempts/", media.media_attempts, name="media-attempts"),
    path("media/<uuid:pk>/", media.media_file, name="media-file"),
    path(f"{DATASET}/", projects.dataset, name="dataset"),
    path(f"{DATASET}/deletion/", projects.delete_dataset, name="dataset-deletion"),
    path(f"{DATASET}/leaks/", leaks.leaks, name="leaks"),
    path(f"{DATASET}/leaks/decision/", leaks.decide, name="leaks-decision"),
    path("imports/<uuid:pk>/deletion/", projects.delete_import, name="import-deletion"),
    path(f"{PROJECT}/batches/new/", batch_new.new_batch, name="batch-new"),
    path(
        f"{PROJECT}/batches/new/preview/", batch_new.preview, name="batch-new-preview"
    ),
    path(f"{BATCH}/", watching.batch, name="batch"),
    path(f"{BATCH}/live/", watching.live, name="live"),
    *(
        path(f"{BATCH}/{act}/", batches.move, {"to": to}, name=f"batch-{act}")
        for act, to in MOVES.items()
    ),
    path(f"{BATCH}/settings/", batch_settings.settings, name="batch-settings"),
    path(
        f"{BATCH}/settings/preview/",
        batch_settings.preview,
        name="batch-settings-preview",
    ),
    path(f"{BATCH}/deletion/", batches.delete, name="batch-deletion"),
    path(f"{BATCH}/release/", running.release, name="batch-release"),
    path(f"{BATCH}/reassign/", running.hand_over, name="batch-reassign"),
    path(f"{BATCH}/share-out/", running.set_aside, name="batch-share-out"),
    path("units/<uuid:pk>/withdrawal/", running.withdraw, name="unit-withdrawal"),
    path("units/<uuid:pk>/restoration/", running.restore, name="unit-restoration"),
    path(f"{BATCH}/agreement/", batches.agreement, name="agreement"),
    path(f"{BATCH}/agreement/measurement/", batches.measure, name="measurement"),
    path(f"{BATCH}/guidelines/", batches.guidelines, name="guidelines"),
    path("rubrics/<uuid:pk>/batches/", rubric_moves.rubric_moves, name="rubric-moves"),
    path(
        f"{BATCH}/rubric-version/",
        rubric_moves.move_to_version,
        name="batch-rubric-version",
    ),
    path(f"{BATCH}/relabel/", rubric_moves.relabel, name="batch-relabel"),
    path(f"{BATCH}/training/items/", training_set.training_set, name="training-set"),
    path(f"{BATCH}/training/items/new/", training_set.new_item, name="training-new"),
    path(f"{BATCH}/training/admissions/", training_set.admission, name="admission"),
    path("training-items/<uuid:pk>/", training_set.item, name="training-item"),
    path(
        "training-items/<uuid:pk>/deletion/",
        training_set.drop_item,
        name="training-item-deletion",
    ),
    path(f"{BATCH}/calibration/stage/", calibration.move, name="calibration-stage"),
    path("calibration-units/<uuid:pk>/comments/", calibration.comment, name="comments"),
    path("batches/<uuid:batch_id>/welcome/", training.welcome, name="welcome"),
    path("batches/<uuid:batch_id>/training/", training.training, name="training"),
    path(
        "batches/<uuid:batch_id>/calibration/",
        calibration.calibration,
        name="calibration",
    ),
    path(f"{ASSIGNMENT}/feedback/", training.feedback, name="feedback"),
    path("batches/<uuid:batch_id>/next/", judging.next_unit, name="next"),
    path("batches/<uuid:batch_id>/finished/", judging.finished, name="finished"),
    path(f"{ASSIGNMENT}/", judging.judge, name="assignment"),
    path(f"{ASSIGNMENT}/draft/", keeping.draft, name="draft"),
    path(f"{ASSIGNMENT}/lease/", keeping.lease, name="lease"),
    path(f"{ASSIGNMENT}/following/", keeping.following, name="following"),
    path(f"{ASSIGNMENT}/skip/", judging.skip, name="skip"),
    path(f"{ASSIGNMENT}/specimen/", specimen.specimen, name="specimen"),
    path(f"{ASSIGNMENT}/context/", specimen.context, name="context"),
    path(f"{ASSIGNMENT}/return/", history.skip_taken_back, name="skip-return"),
    path(f"{ASSIGNMENT}/undo/", history.undo, name="undo"),
    path(f"{ASSIGNMENT}/mine/", history.mine_one, name="mine-one"),
    path(f"{ASSIGNMENT}/flags/", flags.flag, name="flag"),
    path(f"{BATCH}/judgments/", records.judgments, name="judgments"),
    path(JUDGMENT, records.judgment, name="judgment"),
    path(f"{JUDGMENT}specimen/", records.specimen, name="judgment-specimen"),
    path(f"{JUDGMENT}return/", returns.send_back, name="judgment-return"),
    path("returns/<uuid:pk>/reply/", returns.reply, name="return-reply"),
    path("mine/", history.all_of_mine, name="mine-all"),
    path(f"{PROJECT}/rubrics/preview/", preview.rubric_preview, name="rubric-preview"),
    path(
        f"{PROJECT}/rubrics/library/<slug:key>/preview/",
        preview.library_preview,
        name="library-preview",
    ),
    path(
        "rubrics/versions/<uuid:pk>/preview/",
        preview.version_preview,
        name="version-preview",
    ),
    re_path(
        r"^mine/judgments\.(?P<extension>csv|xlsx|ndjson)$",
        own_file.my_judgments,
        name="my-judgments",
    ),
    path("mine/hours.csv", own_file.my_hours, name="my-hours"),
    path(f"{PROJECT}/people/<uuid:user_id>/", people.person, name="person"),
    path(f"{PROJECT}/leaving/", people.leaving, name="leaving"),
    path(f"{PROJECT}/hours.csv", people.hours_file, name="project-hours"),
    path(f"{BATCH}/mine/", history.mine, name="mine"),
    path(f"{BATCH}/break/", home.rest, name="break"),
    path(f"{BATCH}/flags/", flags.flags, name="flags"),
    path("flags/<uuid:pk>/answer/", flags.answer, name="flag-answer"),
    path("flags/<uuid:pk>/seen/", flags.seen, name="flag-seen"),
    path("skips/<int:pk>/answer/", flags.answer_skip, name="skip-answer"),
    path(f"{PROJECT}/flags/", flags.inbox, name="inbox"),
    path(f"{PROJECT}/activity/", activity.activity, name="activity"),
    path("units/<uuid:pk>/", units.unit, name="unit"),
    path("units/<uuid:pk>/specimen/", units.specimen, name="unit-specimen"),
]

api_urlpatterns: list[URLPattern] = [
    *(
        path(
            f"me/judgments.{extension}",
            people_api.MyJudgmentsView.as_view(),
            {"extension": extension},
            name=f"my-judgments-{extension}",
        )
        for extension in ("ndjson", "csv", "xlsx")
    ),
    path("me/hours", people_api.MyHoursView.as_view(), name="my-hours"),
    path(
        f"{PROJECT}/hours.csv",
        people_api.ProjectHoursView.as_view(),
        name="project-hours",
    ),
    path(
        f"{PROJECT}/members/<uuid:user_id>/work",
        people_api.PersonWorkView.as_view(),
        name="member-work",
    ),
    path(f"{PROJECT}/leave", people_api.LeavingView.as_view(), name="leaving"),
    path(
        f"{PROJECT}/media/attempts",
        second_chances.MediaAttemptsView.as_view(),
        name="media-attempts",
    ),
    path(
        f"{ASSIGNMENT}/return",
        second_chances.SkipReturnView.as_view(),
        name="skip-return",
    ),
    path(
        "training-items/<uuid:pk>",
        training_items.TrainingItemView.as_view(),
        name="training-item",
    ),
    path(
        "calibration-units/<uuid:pk>/comments",
        comments.CommentsView.as_view(),
        name="comments",
    ),
    path(f"{PROJECT}/datasets", datasets.DatasetsView.as_view(), name="datasets"),
    path(f"{PROJECT}/media", media_api.MediaListView.as_view(), name="media"),
    path(
        f"{PROJECT}/media/hosts",
        media_api.MediaHostsView.as_view(),
        name="media-hosts",
    ),
    path("media/<uuid:pk>", media_api.MediaView.as_view(), name="media-one"),
    path(
        "media/<uuid:pk>/content",
        media_api.MediaContentView.as_view(),
        name="media-content",
    ),
    path(DATASET, datasets.DatasetView.as_view(), name="dataset"),
    path(f"{DATASET}/items", datasets.ItemsView.as_view(), name="items"),
    path(f"{DATASET}/import", datasets.ImportView.as_view(), name="import"),
    path(f"{DATASET}/imports", datasets.ImportsView.as_view(), name="imports"),
    path(f"{DATASET}/leaks", leaks_api.LeaksView.as_view(), name="leaks"),
    path(
        f"{DATASET}/leaks/decision",
        leaks_api.LeakDecisionView.as_view(),
        name="leaks-decision",
    ),
    path("imports/<uuid:pk>", datasets.ImportOneView.as_view(), name="import-one"),
    path(f"{PROJECT}/batches", batches_api.BatchesView.as_view(), name="batches"),
    path(BATCH, batches_api.BatchView.as_view(), name="batch"),
    path(f"{BATCH}/units", batches_api.BatchUnitsView.as_view(), name="units"),
    *(
        path(f"{BATCH}/{act}", batches_api.MoveView.as_view(to=to), name=f"batch-{act}")
        for act, to in MOVES.items()
    ),
    path(f"{BATCH}/release", running_api.ReleaseView.as_view(), name="batch-release"),
    path(
        f"{BATCH}/reassign", running_api.ReassignView.as_view(), name="batch-reassign"
    ),
    path(
        f"{BATCH}/share-out", running_api.ShareOutView.as_view(), name="batch-share-out"
    ),
    path(
        "units/<uuid:pk>/withdrawal",
        running_api.WithdrawalView.as_view(),
        name="unit-withdrawal",
    ),
    path(
        "rubrics/<uuid:pk>/batches",
        moves_api.RubricBatchesView.as_view(),
        name="rubric-batches",
    ),
    path("rubrics/<uuid:pk>/stale", moves_api.StaleView.as_view(), name="rubric-stale"),
    path(
        f"{BATCH}/rubric-version",
        moves_api.BatchVersionView.as_view(),
        name="batch-rubric-version",
    ),
    path(f"{BATCH}/relabel", moves_api.RelabelView.as_view(), name="batch-relabel"),
    path(f"{BATCH}/next", judging_api.NextView.as_view(), name="next"),
    path(f"{BATCH}/training", before_work_api.TrainingView.as_view(), name="training"),
    path(
        f"{BATCH}/training/admissions",
        before_work_api.AdmissionsView.as_view(),
        name="admissions",
    ),
    path(
        f"{BATCH}/calibration",
        before_work_api.CalibrationView.as_view(),
        name="calibration",
    ),
    path(f"{BATCH}/judgments", judgments.JudgmentsView.as_view(), name="judgments"),
    *(
        path(
            f"{BATCH}/judgments.{extension}",
            judgments.JudgmentsFileView.as_view(),
            {"extension": extension},
            name=f"judgments-{extension}",
        )
        for extension in ("ndjson", "csv", "xlsx")
    ),
    path(
        "judgments/<uuid:pk>", judgments.JudgmentOneView.as_view(), name="judgment-one"
    ),
    path(
        "judgments/<uuid:pk>/return",
        returns_api.JudgmentReturnView.as_view(),
        name="judgment-return",
    ),
    path(f"{BATCH}/returns", returns_api.BatchReturnsView.as_view(), name="returns"),
    path(
        "returns/<uuid:pk>/reply",
        returns_api.ReturnReplyView.as_view(),
        name="return-reply",
    ),
    path(f"{BATCH}/agreement", agreement.AgreementView.as_view(), name="agreement"),
    path(ASSIGNMENT, judging_api.AssignmentView.as_view(), name="assignment"),
    path(f"{ASSIGNMENT}/renew", judging_api.RenewView.as_view(), name="renew"),
    path(f"{ASSIGNMENT}/draft", judging_api.DraftView.as_view(), name="draft"),
    path(f"{ASSIGNMENT}/judgment", judging_api.JudgmentView.as_view(), name="judgment"),
    path(f"{ASSIGNMENT}/skip", judging_api.SkipView.as_view(), name="skip"),
    path(
        f"{ASSIGNMENT}/flags",
        flags_api.AssignmentFlagsView.as_view(),
        name="assignment-flags",
    ),
    path(f"{BATCH}/flags", flags_api.BatchFlagsView.as_view(), name="flags"),
    path("flags/<uuid:pk>", flags_api.FlagView.as_view(), name="flag"),
    path(f"{BATCH}/progress", watching_api.ProgressView.as_view(), name="progress"),
    path(f"{BATCH}/skips", watching_api.BatchSkipsView.as_view(), name="skips"),
    path("skips/<int:pk>", watching_api.SkipView.as_view(), name="skip-one"),
    path(
        "skips/<int:pk>/answer",
        watching_api.SkipAnswerView.as_view(),
        name="skip-answer",
    ),
    path("units/<uuid:pk>", watching_api.UnitView.as_view(), name="unit"),
    path(
        "flags/<uuid:pk>/answer",
        flags_api.FlagAnswerView.as_view(),
        name="flag-answer",
    ),
]
