from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    name = "annotation"

    def ready(self) -> None:
        from accounts.desk import tells_open_work
        from annotation.people import open_work_in

        tells_open_work(open_work_in)
