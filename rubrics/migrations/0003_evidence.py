from django.db import migrations, models

from rubrics.freeze import install, remove


class Migration(migrations.Migration):

    dependencies = [
        ('rubrics', '0002_published_versions_are_frozen'),
    ]

    # The guard names the table that SQLite makes anew: it goes before and comes back.
    operations = [
        migrations.RunPython(remove, install),
        migrations.AddField(
            model_name='criterion',
            name='evidence',
            field=models.CharField(choices=[('none', 'None'), ('optional', 'Optional'), ('required', 'Required')], default='none', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='criterion',
            constraint=models.CheckConstraint(condition=models.Q(('evidence__in', ['none', 'optional', 'required'])), name='evidence_rule_is_known'),
        ),
        migrations.RunPython(install, remove),
    ]
