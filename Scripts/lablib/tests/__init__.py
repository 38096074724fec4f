"""Tests of the laboratory: python3 -m unittest discover -t Scripts -s Scripts/lablib/tests"""
