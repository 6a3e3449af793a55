from django.db import migrations

from exports.guard import install, remove


class Migration(migrations.Migration):

    dependencies = [
        ('exports', '0001_initial'),
    ]

    operations = [migrations.RunPython(install, remove)]
