from django.db import migrations


def add(apps, schema_editor):
    product = apps.get_model("products", "Product")
    product.objects.create(name="Sleeper", price="41.50")
    product.objects.create(name="Rail", price="300.00")


class Migration(migrations.Migration):
    dependencies = [("products", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
