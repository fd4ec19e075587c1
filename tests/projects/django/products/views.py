from django.http import JsonResponse
from django.shortcuts import render

from products.models import Product

GREETING = "Hello from Django"


def home(request):
    return render(request, "home.html", {"greeting": GREETING})


def listing(request):
    found = Product.objects.order_by("name").values_list("name", "price")
    return JsonResponse({"items": [{"name": name, "price": str(price)} for name, price in found]})
