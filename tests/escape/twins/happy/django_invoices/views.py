"""Invoice views: list, upload, PDF download and a payment callback."""
import csv
import io
import json
from decimal import Decimal

import requests
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from .models import Customer, Invoice


def invoice_list(request):
    page = int(request.GET.get("page", 1))
    invoices = Invoice.objects.order_by("-created")[(page - 1) * 25 : page * 25]
    return render(request, "invoices/list.html", {"invoices": invoices})


def invoice_pdf(request, number):
    invoice = Invoice.objects.get(number=number)
    r = requests.post(settings.PDF_SERVICE, json=invoice.as_dict())
    return HttpResponse(r.content, content_type="application/pdf")


class InvoiceUpload(View):
    def get(self, request):
        return render(request, "invoices/upload.html")

    def post(self, request):
        upload = request.FILES["file"]
        text = upload.read().decode("utf-8")
        for row in csv.DictReader(io.StringIO(text)):
            customer = Customer.objects.get(email=row["email"])
            invoice = Invoice.objects.create(
                customer=customer,
                number=row["number"],
                total=Decimal(row["total"]),
            )
            try:
                send_mail("New invoice", invoice.number, None, [customer.email])
            except Exception as e:
                print("mail error", e)
        return redirect("invoice-list")


@method_decorator(csrf_exempt, name="dispatch")
class PaymentCallback(View):
    def post(self, request):
        event = json.loads(request.body)
        invoice = Invoice.objects.get(number=event["reference"])
        invoice.paid = True
        invoice.save()
        return JsonResponse({"ok": True})
