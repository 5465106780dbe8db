"""Devices on a wire or in the air: serial ports, network equipment, Modbus, Bluetooth, I2C."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, USER, call, classes, library, methods

_DEVICES = library(
    "devices",
    calls=(
        call("serial.Serial", "serial.SerialException", USER, returns="serial.Serial"),
        methods("serial.Serial", "read readline read_until", "serial.SerialException", PEER, returns="outside.bytes"),
        methods("serial.Serial", "write open flush", "serial.SerialException", PEER),
        call("netmiko.ConnectHandler", "paramiko.SSHException", PEER),
        # A connection that fails is False here, and a request that is not answered an exception.
        classes("pymodbus.client.ModbusTcpClient"),
        methods(
            "pymodbus.client.ModbusTcpClient",
            "read_holding_registers read_input_registers read_coils read_discrete_inputs write_register "
            "write_registers write_coil write_coils",
            "pymodbus.exceptions.ModbusException",
            PEER,
        ),
        call("bleak.BleakClient", returns="bleak.BleakClient"),
        methods(
            "bleak.BleakClient",
            "__aenter__ connect read_gatt_char write_gatt_char start_notify stop_notify pair",
            "bleak.exc.BleakError",
            PEER,
        ),
        methods("bleak.BleakScanner", "discover find_device_by_address", "bleak.exc.BleakError", USER),
        call("smbus2.SMBus", "OSError", USER, returns="smbus2.SMBus"),
        methods(
            "smbus2.SMBus",
            "read_byte read_byte_data read_word_data read_i2c_block_data write_byte write_byte_data write_word_data "
            "write_i2c_block_data i2c_rdwr",
            "OSError",
            PEER,
        ),
    ),
    exceptions="""
        serial.SerialException < OSError
        serial.SerialTimeoutException < serial.SerialException
        netmiko.NetmikoTimeoutException < paramiko.SSHException
        netmiko.NetmikoAuthenticationException < paramiko.AuthenticationException
        pymodbus.exceptions:
        ModbusException < Exception
        ConnectionException ModbusIOException < ModbusException
        bleak.exc:
        BleakError < Exception
        BleakDeviceNotFoundError < BleakError
    """,
    aliases="""
        serial.serialutil = serial
        serial.serialposix.Serial = serial.Serial
        netmiko.exceptions = netmiko
        netmiko.NetMikoTimeoutException = netmiko.NetmikoTimeoutException
        netmiko.NetMikoAuthenticationException = netmiko.NetmikoAuthenticationException
        pymodbus.ModbusException = pymodbus.exceptions.ModbusException
        pymodbus.client.ModbusSerialClient pymodbus.client.ModbusUdpClient = pymodbus.client.ModbusTcpClient
        pymodbus.client.AsyncModbusTcpClient = pymodbus.client.ModbusTcpClient
        pymodbus.client.AsyncModbusSerialClient = pymodbus.client.ModbusTcpClient
        pymodbus.client.sync.ModbusTcpClient pymodbus.client.sync.ModbusSerialClient = pymodbus.client.ModbusTcpClient
        bleak.BleakError = bleak.exc.BleakError
        smbus.SMBus = smbus2.SMBus
    """,
)

LIBRARIES = (_DEVICES,)
