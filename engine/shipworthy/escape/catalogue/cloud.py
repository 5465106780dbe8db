"""Clouds: AWS, Google, Azure, and object stores that speak S3."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, RARE, USER, call, classes, library, methods, only, rather

_PARTS = (
    "Bucket Object ObjectSummary ObjectVersion BucketVersioning BucketPolicy Acl Table Queue Message Topic "
    "Subscription PlatformEndpoint Instance Image Vpc Subnet SecurityGroup Snapshot Volume KeyPair Role User Policy "
    "Group Stack Alarm Metric Job Vault"
)
_COLLECTIONS = (
    "objects object_versions buckets tables queues topics subscriptions instances images volumes snapshots "
    "security_groups vpcs subnets roles users policies groups stacks alarms metrics"
)

_AWS = library(
    "boto3",
    calls=(
        call("boto3.client boto3.Session.client", returns="boto3.client"),
        call("boto3.resource boto3.Session.resource", returns="boto3.resource"),
        # A profile that the settings of this machine do not have.
        call(
            "boto3.Session",
            only("botocore.exceptions.ProfileNotFound", "profile_name"),
            USER,
            depends_on="profile_name",
            returns="boto3.Session",
        ),
        call("boto3.client.receive_message", "botocore.exceptions.ClientError", PEER, returns="outside"),
        call("boto3.client.*", "botocore.exceptions.ClientError", PEER, returns="boto3.answer"),
        call("boto3.answer.read boto3.answer[]", returns="boto3.answer"),
        call("boto3.client.get_object", "botocore.exceptions.ClientError", PEER, returns="boto3.object"),
        call("boto3.object[] boto3.object.read", returns="boto3.object"),
        methods(
            "boto3.client",
            "get_parameter get_parameters get_parameters_by_path get_secret_value",
            "botocore.exceptions.ClientError",
            RARE,  # the program's own settings
            returns="boto3.answer",
        ),
        call("boto3.client.get_paginator", returns="boto3.paginator"),
        call("boto3.paginator.paginate", returns="boto3.pages"),
        methods("boto3.pages", "__iter__ __aiter__ build_full_result", "botocore.exceptions.ClientError", PEER),
        call("boto3.pages[]", returns="boto3.answer"),
        call("boto3.pages.search", returns="boto3.pages"),
        call("boto3.client.get_waiter", returns="boto3.waiter"),
        call("boto3.waiter.wait", "botocore.exceptions.WaiterError", PEER),
        methods("boto3.client", "can_paginate close generate_presigned_url generate_presigned_post meta"),
        # It turns every ClientError into its own.
        call(
            "boto3.client.upload_file boto3.resource.upload_file",
            ("boto3.exceptions.S3UploadFailedError", rather(RARE, "OSError")),
            PEER,
        ),
        call("boto3.resource.*", "botocore.exceptions.ClientError", PEER, returns="boto3.resource"),
        methods("boto3.resource", f"{_PARTS} meta", returns="boto3.resource"),
        methods("boto3.resource", _COLLECTIONS, returns="boto3.resource.collection"),
        methods("boto3.resource.collection", "all filter limit page_size", returns="boto3.resource.collection"),
        call("boto3.resource.collection[]", returns="boto3.resource"),
        methods("boto3.resource.collection", "__iter__ delete", "botocore.exceptions.ClientError", PEER),
    ),
    exceptions="""
        botocore.exceptions:
        ClientError BotoCoreError < Exception
        HTTPClientError WaiterError NoCredentialsError PartialCredentialsError NoRegionError < BotoCoreError
        ProfileNotFound ParamValidationError ConnectionError < BotoCoreError
        EndpointConnectionError < ConnectionError
        ConnectionClosedError < HTTPClientError
        ReadTimeoutError < HTTPClientError OSError
        ConnectTimeoutError < ConnectionError OSError
        boto3.exceptions:
        Boto3Error < Exception
        S3UploadFailedError S3TransferFailedError < Boto3Error
    """,
    aliases="""
        boto3.session.Session aioboto3.Session aiobotocore.session.AioSession boto3.session = boto3.Session
        aiobotocore.session.get_session botocore.session.get_session = boto3.Session
        boto3.Session.create_client = boto3.Session.client
        botocore.client.BaseClient = boto3.client
        mypy_boto3_s3.S3Client mypy_boto3_s3.client.S3Client types_boto3_s3.S3Client = boto3.client
        boto3.resources.base.ServiceResource = boto3.resource
        boto3.client.exceptions botocore.errorfactory = botocore.exceptions
    """,
)

_GOOGLE = library(
    "google",
    calls=(
        classes("google.cloud.storage.Client google.cloud.bigquery.Client google.cloud.firestore.Client"),
        call("google.cloud.storage.Client.bucket", returns="google.cloud.storage.Bucket"),
        call(
            "google.cloud.storage.Client.get_bucket google.cloud.storage.Client.create_bucket",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
            returns="google.cloud.storage.Bucket",
        ),
        call("google.cloud.storage.Bucket.blob", returns="google.cloud.storage.Blob"),
        call(
            "google.cloud.storage.Bucket.get_blob",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
            returns="google.cloud.storage.Blob",
        ),
        methods(
            "google.cloud.storage",
            "Bucket.delete_blob Bucket.copy_blob Blob.exists Blob.reload Blob.delete Blob.make_public "
            "Blob.upload_from_string Blob.upload_from_file Blob.upload_from_filename",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
        ),
        methods(
            "google.cloud.storage.Blob",
            "download_as_bytes download_as_string download_as_text download_to_filename download_to_file",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
        ),
        call(
            "google.cloud.bigquery.Client.query google.cloud.bigquery.Client.load_table_from_uri "
            "google.cloud.bigquery.Client.load_table_from_file google.cloud.bigquery.Client.load_table_from_dataframe",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
            returns="google.cloud.bigquery.QueryJob",
        ),
        methods(
            "google.cloud.bigquery",
            "Client.get_table Client.create_table Client.insert_rows_json Client.delete_table QueryJob.result "
            "QueryJob.to_dataframe Client.query_and_wait",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
        ),
        methods(
            "google.cloud.firestore",
            "Client.collection Client.document DocumentReference.document DocumentReference.collection",
            returns="google.cloud.firestore.DocumentReference",
        ),
        methods(
            "google.cloud.firestore.DocumentReference",
            "get set update delete create add stream",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
        ),
        classes("google.cloud.secretmanager.SecretManagerServiceClient"),
        call(
            "google.cloud.secretmanager.SecretManagerServiceClient.access_secret_version",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
        ),
        call("google.auth.default", "google.auth.exceptions.DefaultCredentialsError", USER),
        classes("google.oauth2.credentials.Credentials"),
        call("google.oauth2.credentials.Credentials.refresh", "google.auth.exceptions.GoogleAuthError", PEER),
        call(
            "google.oauth2.id_token.verify_oauth2_token google.oauth2.id_token.verify_firebase_token",
            ("ValueError", rather(RARE, "google.auth.exceptions.GoogleAuthError")),
            PEER,
        ),
        call(
            "googleapiclient.discovery.build", "googleapiclient.errors.Error", RARE, returns="googleapiclient.resource"
        ),
        call("googleapiclient.resource.*", returns="googleapiclient.resource"),
        methods("googleapiclient.resource", "execute next_chunk", "googleapiclient.errors.HttpError", PEER),
        call(
            "firebase_admin.auth.verify_id_token",
            ("firebase_admin.exceptions.FirebaseError", rather(RARE, "ValueError")),
            PEER,
        ),
        call(
            "google.cloud.pubsub_v1.PublisherClient google.cloud.pubsub_v1.SubscriberClient",
            returns="google.cloud.pubsub_v1.client",
        ),
        call(
            "google.cloud.pubsub_v1.client.publish google.cloud.pubsub_v1.client.subscribe",
            returns="google.cloud.pubsub_v1.future",
        ),
        call(
            "google.cloud.pubsub_v1.future.result", "google.api_core.exceptions.GoogleAPICallError TimeoutError", PEER
        ),
        methods(
            "google.cloud.pubsub_v1.client",
            "pull acknowledge create_topic create_subscription delete_topic delete_subscription get_topic",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
        ),
        call("google.cloud.pubsub_v1.subscriber.message.Message.data", returns="outside.bytes"),
        classes("google.cloud.datastore.Client"),
        methods(
            "google.cloud.datastore.Client",
            "get get_multi put put_multi delete delete_multi",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
        ),
        classes(
            "google.cloud.vision.ImageAnnotatorClient google.cloud.speech.SpeechClient "
            "google.cloud.tasks_v2.CloudTasksClient google.cloud.texttospeech.TextToSpeechClient"
        ),
        methods(
            "google.cloud",
            "vision.ImageAnnotatorClient.annotate_image vision.ImageAnnotatorClient.text_detection "
            "vision.ImageAnnotatorClient.document_text_detection vision.ImageAnnotatorClient.label_detection "
            "speech.SpeechClient.recognize speech.SpeechClient.long_running_recognize "
            "tasks_v2.CloudTasksClient.create_task texttospeech.TextToSpeechClient.synthesize_speech",
            "google.api_core.exceptions.GoogleAPICallError",
            PEER,
        ),
        call("firebase_admin.messaging.send", "firebase_admin.exceptions.FirebaseError", PEER),
    ),
    exceptions="""
        googleapiclient.errors.Error firebase_admin.exceptions.FirebaseError < Exception
        googleapiclient.errors.HttpError < googleapiclient.errors.Error
        google.api_core.exceptions:
        GoogleAPIError < Exception
        GoogleAPICallError RetryError < GoogleAPIError
        ClientError ServerError < GoogleAPICallError
        NotFound Forbidden BadRequest Conflict TooManyRequests Unauthorized < ClientError
        AlreadyExists < Conflict
        ResourceExhausted < TooManyRequests
        PermissionDenied < Forbidden
        InvalidArgument < BadRequest
        ServiceUnavailable InternalServerError DeadlineExceeded < ServerError
        google.auth.exceptions:
        GoogleAuthError < Exception
        RefreshError TransportError DefaultCredentialsError < GoogleAuthError
    """,
    aliases="""
        google.cloud.exceptions = google.api_core.exceptions
        google.cloud.pubsub = google.cloud.pubsub_v1
        google.cloud.vision_v1 = google.cloud.vision
        google.cloud.speech_v1 = google.cloud.speech
        google.cloud.tasks = google.cloud.tasks_v2
        google.cloud.storage.client.Client = google.cloud.storage.Client
        google.cloud.storage.bucket.Bucket = google.cloud.storage.Bucket
        google.cloud.storage.blob.Blob = google.cloud.storage.Blob
        google.cloud.bigquery.LoadJob google.cloud.bigquery.job.QueryJob = google.cloud.bigquery.QueryJob
        google.cloud.firestore.AsyncClient = google.cloud.firestore.Client
        firebase_admin.firestore.client = google.cloud.firestore.Client
        google.cloud.firestore.CollectionReference = google.cloud.firestore.DocumentReference
        google.oauth2.service_account.Credentials = google.oauth2.credentials.Credentials
        apiclient.discovery.build = googleapiclient.discovery.build
        apiclient.errors = googleapiclient.errors
        googleapiclient.discovery.Resource googleapiclient.http.HttpRequest = googleapiclient.resource
        googleapiclient.http.HttpError = googleapiclient.errors.HttpError
    """,
)

_AZURE = library(
    "azure",
    calls=(
        classes(
            "azure.storage.blob.BlobServiceClient azure.storage.blob.ContainerClient azure.storage.blob.BlobClient "
            "azure.keyvault.secrets.SecretClient azure.storage.queue.QueueClient"
        ),
        call(
            "azure.storage.blob.BlobServiceClient.from_connection_string",
            returns="azure.storage.blob.BlobServiceClient",
        ),
        call("azure.storage.blob.BlobServiceClient.get_container_client", returns="azure.storage.blob.ContainerClient"),
        call("azure.storage.blob.ContainerClient.from_connection_string", returns="azure.storage.blob.ContainerClient"),
        call(
            "azure.storage.blob.BlobServiceClient.get_blob_client azure.storage.blob.ContainerClient.get_blob_client "
            "azure.storage.blob.BlobClient.from_connection_string azure.storage.blob.BlobClient.from_blob_url",
            returns="azure.storage.blob.BlobClient",
        ),
        methods(
            "azure.storage.blob",
            "BlobServiceClient.create_container BlobServiceClient.delete_container ContainerClient.create_container "
            "ContainerClient.upload_blob ContainerClient.delete_blob ContainerClient.download_blob "
            "BlobClient.upload_blob BlobClient.download_blob BlobClient.delete_blob BlobClient.exists "
            "BlobClient.get_blob_properties",
            "azure.core.exceptions.AzureError",
            PEER,
        ),
        methods(
            "azure.keyvault.secrets.SecretClient",
            "get_secret set_secret",
            "azure.core.exceptions.AzureError",
            PEER,
        ),
        methods(
            "azure.storage.queue.QueueClient",
            "send_message delete_message create_queue",
            "azure.core.exceptions.AzureError",
            PEER,
        ),
        call(
            "azure.servicebus.ServiceBusClient azure.servicebus.ServiceBusClient.from_connection_string",
            returns="azure.servicebus.ServiceBusClient",
        ),
        methods(
            "azure.servicebus.ServiceBusClient",
            "get_queue_sender get_topic_sender",
            returns="azure.servicebus.ServiceBusSender",
        ),
        methods(
            "azure.servicebus.ServiceBusClient",
            "get_queue_receiver get_subscription_receiver",
            returns="azure.servicebus.ServiceBusReceiver",
        ),
        methods(
            "azure.servicebus",
            "ServiceBusSender.send_messages ServiceBusSender.schedule_messages ServiceBusReceiver.receive_messages "
            "ServiceBusReceiver.complete_message ServiceBusReceiver.abandon_message "
            "ServiceBusReceiver.dead_letter_message ServiceBusReceiver.__iter__ ServiceBusReceiver.__aiter__",
            "azure.servicebus.exceptions.ServiceBusError",
            PEER,
        ),
        call(
            "azure.cosmos.CosmosClient azure.cosmos.CosmosClient.from_connection_string",
            "azure.core.exceptions.AzureError",
            PEER,
            returns="azure.cosmos.CosmosClient",
        ),
        call("azure.cosmos.CosmosClient.get_database_client", returns="azure.cosmos.DatabaseProxy"),
        call("azure.cosmos.DatabaseProxy.get_container_client", returns="azure.cosmos.ContainerProxy"),
        methods(
            "azure.cosmos.ContainerProxy",
            "create_item upsert_item read_item replace_item delete_item patch_item",
            "azure.cosmos.exceptions.CosmosHttpResponseError",
            PEER,
        ),
        classes("azure.data.tables.TableServiceClient azure.data.tables.TableClient"),
        methods(
            "azure.data.tables",
            "TableServiceClient.get_table_client TableClient.from_connection_string",
            returns="azure.data.tables.TableClient",
        ),
        methods(
            "azure.data.tables.TableClient",
            "get_entity create_entity upsert_entity update_entity delete_entity create_table",
            "azure.core.exceptions.AzureError",
            PEER,
        ),
        classes("azure.eventhub.EventHubProducerClient"),
        methods(
            "azure.eventhub.EventHubProducerClient",
            "send_batch create_batch send_event",
            "azure.eventhub.exceptions.EventHubError",
            PEER,
        ),
        classes("msal.ConfidentialClientApplication msal.PublicClientApplication"),
        call(
            "msal.ConfidentialClientApplication.acquire_token_for_client "
            "msal.ConfidentialClientApplication.acquire_token_by_authorization_code "
            "msal.PublicClientApplication.acquire_token_by_username_password",
            "requests.RequestException",
            PEER,
        ),
    ),
    exceptions="""
        azure.eventhub.exceptions.EventHubError < Exception
        azure.servicebus.exceptions.ServiceBusError < azure.core.exceptions.AzureError
        azure.cosmos.exceptions:
        CosmosHttpResponseError < azure.core.exceptions.HttpResponseError
        CosmosResourceNotFoundError < CosmosHttpResponseError azure.core.exceptions.ResourceNotFoundError
        azure.core.exceptions:
        AzureError < Exception
        ServiceRequestError HttpResponseError ServiceResponseError < AzureError
        ResourceNotFoundError ResourceExistsError ClientAuthenticationError < HttpResponseError
    """,
    aliases="""
        azure.storage.blob.aio = azure.storage.blob
        azure.servicebus.aio = azure.servicebus
        azure.cosmos.aio = azure.cosmos
        azure.data.tables.aio = azure.data.tables
        azure.eventhub.aio = azure.eventhub
        azure.storage.queue.aio = azure.storage.queue
        azure.keyvault.secrets.aio = azure.keyvault.secrets
    """,
)

_MINIO = library(
    "minio",
    calls=(
        classes("minio.Minio"),
        methods(
            "minio.Minio",
            "put_object get_object fput_object fget_object stat_object remove_object bucket_exists make_bucket "
            "remove_bucket list_buckets copy_object",
            "minio.error.MinioException urllib3.exceptions.HTTPError",
            PEER,
        ),
    ),
    exceptions="""
        minio.error:
        MinioException < Exception
        S3Error InvalidResponseError ServerError < MinioException
    """,
    aliases="""
        minio.S3Error = minio.error.S3Error
        minio.api.Minio = minio.Minio
    """,
)

LIBRARIES = (_AWS, _GOOGLE, _AZURE, _MINIO)
