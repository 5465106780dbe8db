"""Invoice views: list, upload, PDF download and a payment callback."""
import csv
import io
import json
import logging
from decimal import Decimal, InvalidOperation
from smtplib import SMTPException

import requests
from django import forms
from django.conf import settings
from django.core.mail import send_mail
from django.core.paginator import Paginator
from django.db import DataError, IntegrityError, transaction
from django.http import Http404, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView

from .models import Customer, Invoice

logger = logging.getLogger(__name__)


def invoice_list(request):
    # get_page copes with garbage and out-of-range numbers
    page = Paginator(Invoice.objects.order_by("-created"), 25).get_page(request.GET.get("page"))
    return render(request, "invoices/list.html", {"invoices": page})


def invoice_pdf(request, number):
    invoice = get_object_or_404(Invoice, number=number)
    try:
        r = requests.post(settings.PDF_SERVICE, json=invoice.as_dict(), timeout=20)
        r.raise_for_status()
    except requests.RequestException:
        logger.exception("PDF service failed for invoice %s", number)
        return HttpResponse("The PDF cannot be made right now.", status=502)
    return HttpResponse(r.content, content_type="application/pdf")


class UploadForm(forms.Form):
    file = forms.FileField()

    def clean_file(self):
        upload = self.cleaned_data["file"]
        try:
            rows = list(csv.DictReader(io.StringIO(upload.read().decode("utf-8"))))
        except (UnicodeDecodeError, csv.Error) as exc:
            raise forms.ValidationError("Not a UTF-8 CSV file.") from exc
        parsed = []
        for line, row in enumerate(rows, start=2):
            try:
                customer = Customer.objects.get(email=row["email"])
                parsed.append((customer, row["number"], Decimal(row["total"])))
            except (KeyError, TypeError, InvalidOperation, Customer.DoesNotExist) as exc:
                raise forms.ValidationError(f"Line {line}: {exc!r}") from exc
        return parsed


class InvoiceUpload(FormView):
    template_name = "invoices/upload.html"
    form_class = UploadForm

    def form_valid(self, form):
        try:
            with transaction.atomic():
                invoices = [
                    Invoice.objects.create(customer=customer, number=number, total=total)
                    for customer, number, total in form.cleaned_data["file"]
                ]
        except (IntegrityError, DataError) as exc:
            form.add_error("file", f"Nothing was imported: {exc}")
            return self.form_invalid(form)
        for invoice in invoices:
            self.notify(invoice)
        return redirect("invoice-list")

    @staticmethod
    def notify(invoice):
        try:
            send_mail("New invoice", invoice.number, None, [invoice.customer.email])
        except (SMTPException, OSError):
            logger.exception("could not mail invoice %s", invoice.number)
            Invoice.objects.filter(pk=invoice.pk).update(mail_pending=True)


@method_decorator(csrf_exempt, name="dispatch")
class PaymentCallback(View):
    def post(self, request):
        try:
            reference = json.loads(request.body)["reference"]
        except (ValueError, KeyError, TypeError):
            return HttpResponseBadRequest("expected a JSON object with a reference")
        if not Invoice.objects.filter(number=str(reference)).update(paid=True):
            raise Http404("no such invoice")
        return JsonResponse({"ok": True})
