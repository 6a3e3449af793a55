from django.db import migrations

from rubrics.freeze import install, remove


class Migration(migrations.Migration):

    dependencies = [
        ('rubrics', '0001_initial'),
    ]

    operations = [migrations.RunPython(install, remove)]
